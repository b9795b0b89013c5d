// SPDX-License-Identifier: MIT
// A few letters lead to the command that was meant.
import { expect, it } from 'vitest';
import { fit, matching } from './entries';

const entries = ['Add a record', 'Records', 'Do I own this?', 'Überblick', 'Trash'].map((name) => ({ id: name, name, run: () => undefined }));
const names = (typed: string) => matching(entries, typed).map(({ name }) => name);

it('the beginning of the name comes first, then that of a word', () => {
  expect(names('rec')).toEqual(['Records', 'Add a record']);
});

it('accents and case do not matter, letters may be left out', () => {
  expect([names('uberb'), names('tsh'), names('OWN')]).toEqual([['Überblick'], ['Trash'], ['Do I own this?']]);
});

it('nothing typed means all, nonsense nothing', () => {
  expect([names(' ').length, names('xyz')]).toEqual([5, []]);
  expect(fit('Records', '')).toBeGreaterThan(0);
});
