// SPDX-License-Identifier: MIT
// The rules of a form: what the server would refuse is told before it is sent.
import { expect, test } from 'vitest';
import { emptyForm, type Form } from './form';
import { newPiece } from './media';
import { problemsOf } from './rules';

const good: Form = { ...emptyForm(), artist: 'Can', name: 'Tago Mago', format: 'LP' };
const faults = (form: Partial<Form>, locale = 'en') => problemsOf({ ...good, ...form }, locale);

test('a record with its three words is good', () => expect(faults({})).toEqual([]));

test('artist, title and format are required', () => {
  expect(problemsOf({ ...emptyForm(), artist: '  ' }, 'en')).toEqual(['artist', 'name', 'format'].map((field) => ({ field, fault: 'required' })));
});

test('texts have their limits, in characters and not in code units', () => {
  expect(faults({ artist: '𝄞'.repeat(256), label: 'x'.repeat(128) })).toEqual([]);
  expect(faults({ artist: 'x'.repeat(257) })).toEqual([{ field: 'artist', fault: 'tooLong', limit: 256 }]);
  expect(faults({ notes: 'x'.repeat(10001) })).toEqual([{ field: 'notes', fault: 'tooLong', limit: 10000 }]);
});

test('notes may have lines, an artist may not', () => {
  expect(faults({ notes: 'one\ntwo\tthree' })).toEqual([]);
  expect(faults({ artist: 'Can\nned' })).toEqual([{ field: 'artist', fault: 'controls' }]);
});

test('years, days and amounts must be some', () => {
  expect(faults({ releaseYear: '71', pressingYear: '2500', releaseDate: '2026-02-30', pricePaid: 'lots' })).toEqual([
    { field: 'releaseYear', fault: 'year' }, { field: 'pressingYear', fault: 'year' },
    { field: 'releaseDate', fault: 'day' }, { field: 'pricePaid', fault: 'money' },
  ]);
  expect(faults({ pricePaid: '1.234' }, 'de')).toEqual([]);
  expect(faults({ pricePaid: '1.234' }, 'en')).toHaveLength(1);
});

test('a barcode with a wrong digit is told', () => {
  expect(faults({ barcode: '4006381333932' })).toEqual([{ field: 'barcode', fault: 'barcodeCheck' }]);
  expect(faults({ barcode: '40063x1333931' })).toEqual([{ field: 'barcode', fault: 'barcodeDigits' }]);
  expect(faults({ barcode: '12345' })).toEqual([]);
});

test('pieces are checked where they stand', () => {
  const wrong = { ...newPiece('LP', 2), sizeInch: 30, sides: [{ name: 'C1', grade: null }] };
  const twice = { ...newPiece('LP', 1), sides: [{ name: 'A', grade: null }, { name: 'a ', grade: null }] };
  expect(faults({ mediaPieces: [twice, wrong] })).toEqual([
    { field: 'mediaPieces[0].sides', fault: 'sideTwice' },
    { field: 'mediaPieces[1].sizeInch', fault: 'size', limit: 20 },
    { field: 'mediaPieces[1].sides.0', fault: 'sideName' },
  ]);
});
