// SPDX-License-Identifier: MIT
// Grades: which one is better, and which one typing means.
import { expect, test } from 'vitest';
import { GRADES, compareGrades, gradeBand, gradeByTyping, gradeStem, isGrade } from './grades';

test('better comes before worse', () => {
  expect(compareGrades('M', 'NM')).toBeLessThan(0);
  expect(compareGrades('P', 'F')).toBeGreaterThan(0);
  expect([...GRADES].reverse().sort(compareGrades)).toEqual(GRADES);
});

test('a grade belongs to the definition of its stem, and to a colour', () => {
  expect(gradeStem('VG-')).toBe('VG');
  expect(gradeStem('NM-')).toBe('NM');
  expect(GRADES.map(gradeBand)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5]);
});

test('typing in the list finds the exact grade before a longer one', () => {
  expect(gradeByTyping('v')).toBe('VG+');
  expect(gradeByTyping('vg')).toBe('VG');
  expect(gradeByTyping('vg-')).toBe('VG-');
  expect(gradeByTyping('x')).toBeNull();
});

test('only grades are grades', () => {
  expect(isGrade('EX')).toBe(true);
  expect(isGrade('ex')).toBe(false);
  expect(isGrade(null)).toBe(false);
});
