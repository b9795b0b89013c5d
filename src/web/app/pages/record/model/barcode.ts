// SPDX-License-Identifier: MIT
// Barcodes: digits as they are typed or scanned, and the check digit of EAN and UPC.
export const MAX_BARCODE = 32;

/** Without the blanks and dashes that people copy along. */
export function cleanBarcode(text: string): string {
  return text.replace(/[\s\u2010-\u2015-]+/g, '');
}

/** The digit that makes a body of 7, 11 or 12 digits whole: weights 3 and 1 in turn, from the right. */
export function checkDigit(body: string): number {
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum += Number(body[body.length - 1 - i]) * (i % 2 === 0 ? 3 : 1);
  return (10 - (sum % 10)) % 10;
}

export type BarcodeState = 'empty' | 'good' | 'unchecked' | 'letters' | 'long' | 'wrong';

/** EAN-8, UPC-A and EAN-13 carry a check digit; digits of other lengths are taken as they are. */
export function barcodeState(text: string): BarcodeState {
  const code = cleanBarcode(text);
  if (code === '') return 'empty';
  if (!/^\d+$/.test(code)) return 'letters';
  if (code.length > MAX_BARCODE) return 'long';
  if (![8, 12, 13].includes(code.length)) return 'unchecked';
  return checkDigit(code.slice(0, -1)) === Number(code.at(-1)) ? 'good' : 'wrong';
}

/** Whether a camera may have read this: only codes that prove themselves. */
export function provesItself(code: string): boolean {
  return barcodeState(code) === 'good';
}
