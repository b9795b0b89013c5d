// SPDX-License-Identifier: MIT
// Reads the report of an import (CSV as RFC 4180 has it) so that its faults can be shown.

export interface Fault {
  readonly row: number;
  readonly line: number;
  readonly field: string;
  readonly message: string;
}

/** The cells of a CSV text, row by row; stops after `most` rows. */
export function* csvRows(text: string, most = Infinity, delimiter = ','): Generator<string[]> {
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  let n = 0;
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  for (let at = 0; at < source.length && n < most; at++) {
    const char = source[at];
    if (quoted) {
      if (char !== '"') cell += char;
      else if (source[at + 1] === '"') cell += source[++at];
      else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === delimiter) {
      row.push(cell);
      cell = '';
    } else if (char === '\n' || char === '\r') {
      if (char === '\r' && source[at + 1] === '\n') at++;
      yield [...row, cell];
      n++;
      row = [];
      cell = '';
    } else cell += char;
  }
  if (n < most && (cell !== '' || row.length > 0)) yield [...row, cell];
}

/** The report's faults, the first `most` of them. */
export function readReport(text: string, most: number): Fault[] {
  const faults: Fault[] = [];
  for (const [row, line, field, message] of csvRows(text, most + 1)) {
    if (row === 'row') continue;
    faults.push({ row: Number(row), line: Number(line), field: field ?? '', message: message ?? '' });
  }
  return faults;
}
