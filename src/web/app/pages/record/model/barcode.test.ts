// SPDX-License-Identifier: MIT
// Barcodes: a digit read or typed wrong must not go unnoticed.
import { expect, test } from 'vitest';
import { barcodeState, checkDigit, cleanBarcode, provesItself } from './barcode';

test.each([['5099902154725', 'good'], ['077774644020', 'good'], ['96385074', 'good'], ['0 77774-64402 0', 'good'], ['4006381333931', 'good']])(
  '%s is right', (code, state) => expect(barcodeState(code)).toBe(state));

test.each([['5099902154726', 'wrong'], ['077774644021', 'wrong'], ['5099920154725', 'wrong'], ['', 'empty'], ['  ', 'empty'],
  ['12345', 'unchecked'], ['50999021547a5', 'letters'], ['1'.repeat(33), 'long']])('%s is %s', (code, state) => expect(barcodeState(code)).toBe(state));

test('every single wrong digit is noticed', () => {
  const code = '4006381333931';
  for (let at = 0; at < code.length; at++)
    for (let digit = 0; digit < 10; digit++)
      expect(provesItself(code.slice(0, at) + digit + code.slice(at + 1))).toBe(String(digit) === code[at]);
});

test('the check digit is the one of the published examples', () => {
  expect(checkDigit('400638133393')).toBe(1);
  expect(checkDigit('03600029145')).toBe(2);
  expect(checkDigit('9638507')).toBe(4);
});

test('blanks and dashes go', () => expect(cleanBarcode(' 0-777 74–644 ')).toBe('077774644'));
