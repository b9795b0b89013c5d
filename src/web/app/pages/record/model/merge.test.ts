// SPDX-License-Identifier: MIT
// Merging: nobody's change may get lost unseen.
import { expect, test } from 'vitest';
import { changedFields, mergeForms, resolve, same } from './merge';

const base = { artist: 'Can', name: 'Tago Mago', year: '1971', notes: '', pieces: [{ sides: [{ name: 'A', grade: null as string | null }] }] };

test('what each changed alone is kept', () => {
  const merged = mergeForms(base, { ...base, year: '1972' }, { ...base, notes: 'signed' });
  expect(merged).toEqual({ form: { ...base, year: '1972', notes: 'signed' }, conflicts: [], taken: ['notes'] });
});

test('the same change by both is no conflict', () => {
  expect(mergeForms(base, { ...base, year: '1972' }, { ...base, year: '1972' }).conflicts).toEqual([]);
});

test('different changes of one field are a conflict, and the choice decides', () => {
  const theirs = { ...base, year: '1970', name: 'TM' };
  const merged = mergeForms(base, { ...base, year: '1972', name: 'Tago' }, theirs);
  expect(merged.conflicts).toEqual(['name', 'year']);
  expect(resolve(merged, theirs, new Set(['name' as const]))).toEqual({ ...base, name: 'TM', year: '1972' });
  expect(resolve(merged, theirs, new Set())).toEqual({ ...base, name: 'Tago', year: '1972' });
});

test('a change deep inside counts', () => {
  const pieces = [{ sides: [{ name: 'A', grade: 'VG' }] }];
  expect(changedFields(base, { ...base, pieces })).toEqual(['pieces']);
  expect(mergeForms(base, { ...base, pieces }, { ...base, pieces: [] }).conflicts).toEqual(['pieces']);
});

test('equality looks at everything', () => {
  expect(same({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
  expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(false);
  expect(same([1], { 0: 1 })).toBe(false);
  expect(same(null, {})).toBe(false);
});
