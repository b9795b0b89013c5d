// SPDX-License-Identifier: MIT
// A label called "=cmd" is a label in a spreadsheet too.
import { expect, it } from 'vitest';
import { toCsv } from './csv';

it('quotes what has to be, and lets nothing begin as a formula', () => {
  expect(toCsv(['Label', 'n'], [['A, "B"', 1], ['=1+1', -2.5], ['@x', 0], ['two\nlines', 3]])).toBe(
    '\ufeffLabel,n\r\n"A, ""B""",1\r\n\'=1+1,-2.5\r\n\'@x,0\r\n"two\nlines",3\r\n',
  );
});
