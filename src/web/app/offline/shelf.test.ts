// SPDX-License-Identifier: MIT
// "Do I own this?" must find what is there however it is typed, and nothing that is gone.
import { describe, expect, it } from 'vitest';
import { fold, spellings } from './fold';
import { barcodeKey, keptOf, lineOf } from './kept';
import { Shelf } from './shelf';

let made = 0;
function record(artist: string, name: string, more: Record<string, unknown> = {}): string {
  made++;
  return lineOf({ id: `00000000-0000-7000-8000-${String(made).padStart(12, '0')}`, artist, name, format: 'LP', ...more });
}

function shelfOf(...lines: string[]): Shelf {
  const shelf = new Shelf();
  shelf.add(lines);
  return shelf;
}

function names(shelf: Shelf, query: string): string[] {
  return shelf.search(query, 50).records.map((one) => one.name);
}

describe('folding', () => {
  it.each([
    ['Björk', 'bjork'],
    ['Sigur Rós', 'sigur ros'],
    ['Mötley Crüe', 'motley crue'],
    ['Größe', 'grosse'],
    ['Łódź', 'lodz'],
    ['Ænima', 'aenima'],
    ['DON’T', 'dont'],
    ['ﬁn', 'fin'],
    ['Ｆｕｌｌ', 'full'],
    ['Ελλάδος', 'ελλαδοσ'],
    ['مُحَمَّد', 'محمد'],
    ['ガ', 'ガ'],
    ['İstanbul', 'istanbul'],
  ])('%s is searched for as %s', (text, folded) => expect(fold(text)).toBe(folded));

  it('keeps the parts of a word with signs and the word joined', () => {
    expect(spellings('AC/DC  R.E.M.')).toEqual([
      { parts: ['ac', 'dc'], joined: 'acdc' },
      { parts: ['r', 'e', 'm'], joined: 'rem' },
    ]);
  });
});

describe('the line of a record', () => {
  it('comes back as it was', () => {
    const kept = keptOf(
      lineOf({
        id: 'a',
        artist: 'Can',
        name: 'Tago\tMago\n',
        format: 'LP',
        pressingYear: 1971,
        pricePaid: 12.5,
        label: null,
      }),
    );
    expect(kept).toMatchObject({
      id: 'a',
      artist: 'Can',
      name: 'Tago Mago ',
      year: '1971',
      pricePaid: '12.5',
      label: '',
      cover: '',
    });
  });
});

describe('search on the device', () => {
  const shelf = shelfOf(
    record('Miles Davis', 'Kind of Blue', { label: 'Columbia', catalogNumber: 'CS 8163', releaseYear: 1959 }),
    record('Miles Davis', 'Bitches Brew', { label: 'Columbia' }),
    record('Joni Mitchell', 'Blue', { barcode: '0 75992 7199 2 7' }),
    record('AC/DC', 'Back in Black'),
    record('R.E.M.', 'Murmur'),
    record('坂本龍一', '音楽図鑑'),
    record('فيروز', 'بيروت'),
    record("Guns N' Roses", "Don't Cry"),
  );

  it('finds by the beginnings of words in any order, across fields', () => {
    expect(names(shelf, 'blu mil')).toEqual(['Kind of Blue']);
    expect(names(shelf, 'davis colum')).toEqual(['Bitches Brew', 'Kind of Blue']);
    expect(names(shelf, '1959')).toEqual(['Kind of Blue']);
  });
  it('puts the record that is named exactly so first', () => expect(names(shelf, 'blue')).toEqual(['Blue', 'Kind of Blue']));
  it('does not find in the middle of words', () => expect(names(shelf, 'lue')).toEqual([]));
  it('finds a catalogue number however it is spaced', () => {
    for (const query of ['cs 8163', 'CS8163', 'cs-8163', 'cs816']) expect(names(shelf, query)).toEqual(['Kind of Blue']);
  });
  it('finds words with signs typed with or without them', () => {
    for (const query of ['ac/dc', 'acdc', 'ac dc', 'AC-DC black']) expect(names(shelf, query)).toEqual(['Back in Black']);
    for (const query of ['rem', 'R.E.M.', 'r.e.m']) expect(names(shelf, query)).toEqual(['Murmur']);
    expect(names(shelf, 'dont cry')).toEqual(["Don't Cry"]);
    expect(names(shelf, 'don’t')).toEqual(["Don't Cry"]);
  });
  it('finds scripts without blanks anywhere, and right-to-left ones', () => {
    expect(names(shelf, '龍一')).toEqual(['音楽図鑑']);
    expect(names(shelf, 'فَيروز')).toEqual(['بيروت']);
  });
  it('finds nothing for nothing', () => {
    expect(shelf.search('', 5)).toEqual({ records: [], total: 0 });
    expect(shelf.search(' -!- ', 5)).toEqual({ records: [], total: 0 });
  });
  it('tells how many there are beyond the limit', () => {
    expect(shelf.search('miles', 1)).toMatchObject({ total: 2, records: [{ name: 'Bitches Brew' }] });
  });
  it('knows a barcode as UPC and as EAN, typed in full only', () => {
    expect(barcodeKey('0075992719927')).toBe(barcodeKey('075992719927'));
    expect(shelf.withBarcode('0075992719927').map((one) => one.name)).toEqual(['Blue']);
    expect(shelf.withBarcode('7599271992')).toEqual([]);
    expect(shelf.withBarcode('')).toEqual([]);
    expect(names(shelf, '75992')).toEqual(['Blue']);
  });
});

describe('changes', () => {
  it('replace a record and forget a deleted one', () => {
    const shelf = shelfOf(record('Can', 'Tago Mago'), record('Can', 'Ege Bamyasi'));
    const [tago = '', ege = ''] = [...shelf.lines()];
    shelf.add([ege.replace('Ege Bamyasi', 'Future Days')]);
    expect(names(shelf, 'can')).toEqual(['Future Days', 'Tago Mago']);
    expect(names(shelf, 'ege')).toEqual([]);
    expect([shelf.count, shelf.waste]).toEqual([2, 1]);
    shelf.remove(tago.slice(0, 36));
    shelf.remove('unknown');
    expect(names(shelf, 'can')).toEqual(['Future Days']);
    expect([...shelf.lines()]).toHaveLength(1);
    shelf.clear();
    expect(names(shelf, 'can')).toEqual([]);
    expect([shelf.count, shelf.waste]).toEqual([0, 0]);
  });
  it('the last of two lines of a record in one run counts', () => {
    const shelf = new Shelf();
    shelf.add([
      lineOf({ id: 'x', artist: 'Neu!', name: 'Neu!', format: 'LP' }),
      lineOf({ id: 'x', artist: 'Neu!', name: 'Neu! 2', format: 'LP' }),
    ]);
    expect(names(shelf, 'neu')).toEqual(['Neu! 2']);
  });
});
