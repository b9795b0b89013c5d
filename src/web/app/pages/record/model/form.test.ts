// SPDX-License-Identifier: MIT
// The form: what is not touched is not sent, and what the server tells comes back as it was.
import { describe, expect, test } from 'vitest';
import { type RecordJson, emptyForm, expected, formOf, patchOf } from './form';

const record: RecordJson = {
  artist: 'Can', name: 'Tago Mago', format: '2xLP', catalogNumber: 'UAS 29 211/12 X', label: 'United Artists', releaseYear: 1971,
  recordGrade: 'VG+', recordGradeDerived: true, sleeveGrade: 'VG', hasInsert: true, insertGrade: 'EX', pricePaid: 1234.5,
  purchasedAt: '2020-05-17T00:00:00.000Z', barcode: '4006381333931',
  mediaPieces: [
    { id: '2', index: 2, kind: 'VINYL', sizeInch: 12, speedRpm: 33, discGrade: null, sides: { C: 'VG+', D: null }, notes: null },
    { id: '1', index: 1, kind: 'VINYL', sizeInch: 12, speedRpm: 33, discGrade: 'NM', sides: {}, notes: 'repress' },
  ],
};

test('an untouched form sends nothing', () => {
  for (const locale of ['en', 'de', 'ar']) {
    const form = formOf(record, locale);
    expect(patchOf(form, structuredClone(form), locale)).toEqual({});
  }
});

test('a derived grade stays derived, a given one is given', () => {
  expect(formOf(record, 'en').recordGrade).toBeNull();
  expect(formOf({ ...record, recordGradeDerived: false }, 'en').recordGrade).toBe('VG+');
});

test('only what changed is sent, as the server takes it', () => {
  const from = formOf(record, 'de');
  const to = { ...from, pricePaid: '1.500,25', releaseYear: '1972', barcode: '4006-3813 33931', notes: '  signed ', purchasedAt: '', isPromo: true };
  expect(patchOf(from, to, 'de')).toEqual({ pricePaid: 1500.25, releaseYear: 1972, barcode: '4006381333931', notes: 'signed', purchasedAt: null, isPromo: true });
});

test('pieces come in order and go with their places', () => {
  const from = formOf(record, 'en');
  expect(from.mediaPieces.map(({ id }) => id)).toEqual(['1', '2']);
  const [first, second] = from.mediaPieces;
  const to = { ...from, mediaPieces: [second, first].filter((piece) => piece !== undefined) };
  expect(patchOf(from, to, 'en')['mediaPieces']).toMatchObject([{ id: '2', index: 1, sides: { C: 'VG+', D: null } }, { id: '1', index: 2, notes: 'repress' }]);
});

test('a new record sends what is set, and nothing else', () => {
  const form = { ...emptyForm(), artist: ' Neu! ', name: 'Neu! 75', format: 'LP' };
  expect(patchOf(emptyForm(), form, 'en')).toEqual({ artist: 'Neu!', name: 'Neu! 75', format: 'LP' });
});

describe('what is shown before the server answers', () => {
  test('has the changes', () => expect(expected(record, { name: 'X' }, 'VG+')).toMatchObject({ name: 'X', recordGrade: 'VG+', recordGradeDerived: true }));
  test('has the grade derived anew', () => expect(expected(record, { mediaPieces: [] }, null)).toMatchObject({ recordGrade: null, recordGradeDerived: false }));
  test('has the given grade', () => expect(expected(record, { recordGrade: 'EX' }, 'VG+')).toMatchObject({ recordGrade: 'EX', recordGradeDerived: false }));
  test('derives again when the given one is taken away', () =>
    expect(expected({ ...record, recordGradeDerived: false }, { recordGrade: null }, 'VG+')).toMatchObject({ recordGrade: 'VG+', recordGradeDerived: true }));
});
