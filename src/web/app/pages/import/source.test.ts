// SPDX-License-Identifier: MIT
// A file out of a spreadsheet keeps its umlauts, and its first rows are shown as they are.
import { describe, expect, it } from 'vitest';
import { beginningOf, firstRows, PREVIEW_BYTES, sourceOfFile, sourceOfText } from './source';

const file = (bytes: Uint8Array<ArrayBuffer> | string) => new File([bytes], 'a.csv');

describe('sourceOfFile', () => {
  it('leaves a file as it is', async () => {
    const given = file('Artist,Title\nBjörk,Debut\n');
    expect(await sourceOfFile(given)).toEqual({ name: 'a.csv', blob: given, converted: null });
    expect((await sourceOfFile(file(''))).converted).toBeNull();
  });

  it('converts UTF-16 of either order', async () => {
    const little = await sourceOfFile(file(new Uint8Array([0xff, 0xfe, 0xf6, 0x00, 0x2c, 0x00])));
    const big = await sourceOfFile(file(new Uint8Array([0xfe, 0xff, 0x00, 0xf6, 0x00, 0x2c])));
    expect([await little.blob.text(), await big.blob.text()]).toEqual(['ö,', 'ö,']);
    expect(little.converted).toBe('UTF-16LE');
  });
});

describe('beginningOf', () => {
  it('is no longer than the server takes', () => {
    expect(beginningOf(sourceOfText('x'.repeat(PREVIEW_BYTES + 1), 'rows')).size).toBe(PREVIEW_BYTES);
  });
});

describe('firstRows', () => {
  it('are the rows behind the header', async () => {
    expect(await firstRows(sourceOfText('a;b\n1;2\n3;4\n5;6\n', 'rows'), ';', 2)).toEqual([['1', '2'], ['3', '4']]);
    expect(await firstRows(sourceOfText('a,b\n1,2', 'rows'), ',', 3)).toEqual([['1', '2']]);
  });

  it('leave out a row that the beginning ends in', async () => {
    const long = `a,b\n1,2\n"${'x'.repeat(PREVIEW_BYTES)}",4\n`;
    expect(await firstRows(sourceOfText(long, 'rows'), ',', 3)).toEqual([['1', '2']]);
  });
});
