// SPDX-License-Identifier: MIT
// A stranger's file is understood without a click, as far as its names and contents tell.
import { describe, expect, it } from 'vitest';
import { fold, guessMapping, missing, remap } from './guess';
import { SYNONYMS } from './synonyms';

const FIELDS = Object.keys(SYNONYMS);
const columns = (...names: string[]) => names.map((name) => ({ name, samples: [] }));

describe('fold', () => {
  it('makes no difference of case, accents, punctuation and camelCase', () => {
    expect(['Künstler_Name', 'releaseYear', '  CAT# ', 'Cat.-No.', 'الصيغة'].map(fold)).toEqual(['kunstler name', 'release year', 'cat', 'cat no', 'الصيغه']);
  });

  it('folds kana and Cyrillic alike on both sides', () => {
    expect(guessMapping([{ name: 'レーベル', samples: [] }], ['label'])).toEqual({ レーベル: 'label' });
  });

  it('finds no synonym under two fields', () => {
    const all = Object.values(SYNONYMS).flat().map(fold);
    expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
  });
});

describe('guessMapping', () => {
  it('knows its own names', () => {
    expect(guessMapping(columns(...FIELDS), FIELDS)).toEqual(Object.fromEntries(FIELDS.map((field) => [field, field])));
  });

  it('reads English spreadsheets', () => {
    expect(guessMapping(columns('Band', 'Album', 'Cat #', 'Year', 'Condition', 'Sleeve Condition', 'Price Paid (EUR)', 'Shelf'), FIELDS)).toEqual({
      Band: 'artist', Album: 'name', 'Cat #': 'catalogNumber', Year: 'releaseYear', Condition: 'recordGrade', 'Sleeve Condition': 'sleeveGrade', 'Price Paid (EUR)': 'pricePaid',
    });
  });

  it('reads German and Arabic ones', () => {
    expect(guessMapping(columns('Künstler', 'Titel', 'Jahr', 'Zustand Platte', 'Kaufpreis'), FIELDS)).toEqual({
      Künstler: 'artist', Titel: 'name', Jahr: 'releaseYear', 'Zustand Platte': 'recordGrade', Kaufpreis: 'pricePaid',
    });
    expect(guessMapping(columns('الفنان', 'العنوان', 'السنة'), FIELDS)).toEqual({ الفنان: 'artist', العنوان: 'name', السنة: 'releaseYear' });
  });

  it('gives each field to the column that it fits best', () => {
    expect(guessMapping(columns('Title', 'Album'), FIELDS)).toEqual({ Title: 'name' });
    expect(guessMapping(columns('Album', 'Title'), FIELDS)).toEqual({ Title: 'name' });
  });

  it('looks at the cells where the name tells nothing', () => {
    const given = [
      { name: 'A', samples: ['1971', '2003', '1999'] },
      { name: 'B', samples: ['VG+', 'Near Mint (NM or M-)', ''] },
      { name: 'C', samples: ['5099902893525', '0 75596 06142 1'] },
      { name: 'D', samples: ['€ 12,50', '9.99'] },
      { name: 'E', samples: ['2xLP, Album', 'CD'] },
      { name: 'F', samples: ['2020-01-31', '2021-02-28 10:00'] },
      { name: 'G', samples: ['1971'] },
      { name: 'H', samples: ['Blue Train', 'Kind of Blue'] },
    ];
    expect(guessMapping(given, FIELDS)).toEqual({ A: 'releaseYear', B: 'recordGrade', C: 'barcode', D: 'pricePaid', E: 'format', F: 'purchasedAt' });
  });

  it('offers no field that the server does not have', () => {
    expect(guessMapping(columns('Artist', 'Barcode'), ['artist', 'name'])).toEqual({ Artist: 'artist' });
  });

  it('is not led astray by names of objects', () => {
    expect(guessMapping(columns('__proto__', 'constructor', 'toString'), FIELDS)).toEqual({});
  });
});

describe('remap', () => {
  const mapping = { A: 'artist', B: 'name', C: null };
  it('moves a field from one column to another', () => expect(remap(mapping, 'D', 'artist')).toEqual({ B: 'name', C: null, D: 'artist' }));
  it('keeps a column aside', () => expect(remap(mapping, 'A', undefined)).toEqual({ B: 'name', C: null }));
  it('leaves several out', () => expect(remap(mapping, 'A', null)).toEqual({ A: null, B: 'name', C: null }));
});

describe('missing', () => {
  it('tells what no record can be without', () => {
    expect(missing({ A: 'artist', B: null }, ['artist', 'name'])).toEqual(['name']);
    expect(missing({ A: 'artist', B: 'name' }, ['artist', 'name'])).toEqual([]);
  });
});
