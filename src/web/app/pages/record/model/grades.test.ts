// SPDX-License-Identifier: MIT
// Grades: a spelling that the server takes must not be refused here, nor the other way round.
import { describe, expect, test } from 'vitest';
import { GRADES, compareGrades, gradeBand, gradeByTyping, gradeStem, isGrade, parseGrade, worstGrade } from './grades';

describe('a grade as people write it', () => {
  test.each([
    ['VG+', 'VG+'], ['vg plus', 'VG+'], ['V.G.+', 'VG+'], ['very good plus', 'VG+'], ['Very_Good', 'VG'],
    ['near mint', 'NM'], ['NM+', 'NM'], ['M-', 'NM'], ['mint minus', 'NM'], ['nm-', 'NM-'],
    ['excellent', 'EX'], ['Ex -', 'EX-'], ['poor', 'P'], ['fair', 'F'], ['g', 'G'], ['good minus', 'G-'],
  ])('%s is %s', (text, grade) => expect(parseGrade(text)).toBe(grade));

  test.each(['', 'M+', 'F+', 'P-', 'so so', 'VG++', '+', 'toString'])('%s is none', (text) => expect(parseGrade(text)).toBeNull());

  test('every grade reads as itself', () => {
    for (const grade of GRADES) expect(parseGrade(grade)).toBe(grade);
  });
});

test('the worst of several is the one furthest down, and of none there is none', () => {
  expect(worstGrade(['NM', 'VG+', null, 'EX-'])).toBe('VG+');
  expect(worstGrade(['M'])).toBe('M');
  expect(worstGrade([null, undefined])).toBeNull();
});

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
