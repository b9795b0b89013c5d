// SPDX-License-Identifier: MIT
// A table of LPs that does not say so can be imported, and not a row of it is bent.
import { describe, expect, it } from 'vitest';
import { ConstantColumn, withColumn } from './constant';
import { csvRows } from './report';

function add(chunks: readonly string[]): string {
  const column = new ConstantColumn(';', 'Format', '12"');
  return chunks.map((chunk) => column.push(chunk)).join('') + column.finish();
}

const TABLE = '\ufeffA;B\r\n1;"a\nb;""c"""\n\n2;x';
const WANTED = [['A', 'B', 'Format'], ['1', 'a\nb;"c"', '12"'], [''], ['2', 'x', '12"']];

describe('ConstantColumn', () => {
  it('adds the cell to each row, and only there', () => {
    expect([...csvRows(add([TABLE]), Infinity, ';')]).toEqual(WANTED);
  });

  it('does the same wherever the text is cut', () => {
    for (let at = 0; at <= TABLE.length; at++) expect(add([TABLE.slice(0, at), TABLE.slice(at)])).toBe(add([TABLE]));
  });

  it('adds nothing to nothing', () => expect(add(['', '\n'])).toBe('\n'));
});

describe('withColumn', () => {
  it('reads UTF-8 and what old spreadsheets write', async () => {
    const old = new Blob([new Uint8Array([0x41, 0x0a, 0x42, 0x6a, 0xf6, 0x72, 0x6b, 0x0a])]);
    expect(await (await withColumn(old, ',', 'F', 'LP')).text()).toBe('A,"F"\nBjörk,"LP"\n');
    expect(await (await withColumn(new Blob(['A\nBjörk\n']), ',', 'F', 'LP')).text()).toBe('A,"F"\nBjörk,"LP"\n');
  });
});
