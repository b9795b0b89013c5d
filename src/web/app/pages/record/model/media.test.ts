// SPDX-License-Identifier: MIT
// Media pieces: letters follow the places, and the derived grade names its reason.
import { describe, expect, test } from 'vitest';
import { type Piece, countOf, deriveGrade, hintOf, letterPieces, newPiece, nextSideName, sideName } from './media';

const piece = (...sides: [string, Piece['discGrade']][]): Piece => ({
  kind: 'VINYL', sizeInch: 12, speedRpm: 33, discGrade: null, notes: '', sides: sides.map(([name, grade]) => ({ name, grade })),
});
const names = (pieces: Piece[]) => pieces.map(({ sides }) => sides.map(({ name }) => name).join(''));

describe('letters of sides', () => {
  test('go on from piece to piece, and past Z', () => {
    expect([sideName(1, 0), sideName(1, 1), sideName(2, 0), sideName(13, 1), sideName(14, 0), sideName(50, 1)]).toEqual(['A', 'B', 'C', 'Z', 'AA', 'CV']);
  });

  test('A and B of a later piece become its own', () => {
    expect(names(letterPieces([piece(['A', null], ['B', null]), piece(['A', 'VG'], ['B', null])], [1, 2]))).toEqual(['AB', 'CD']);
  });

  test('follow the pieces when one is removed or moved', () => {
    const second = piece(['C', 'EX'], ['D', 'VG']);
    expect(names(letterPieces([second], [2]))).toEqual(['AB']);
    expect(names(letterPieces([second, piece(['A', null], ['B', null])], [2, 1]))).toEqual(['AB', 'CD']);
    expect(letterPieces([second], [2])[0]?.sides[1]).toEqual({ name: 'B', grade: 'VG' });
  });

  test('stay where somebody named them otherwise', () => {
    expect(names(letterPieces([piece(), piece(['X', null], ['Y', null])], [1, 2]))).toEqual(['', 'XY']);
  });

  test('a new side takes a letter of its piece, then a free one', () => {
    expect(nextSideName(2, [])).toBe('C');
    expect(nextSideName(2, [{ name: 'C', grade: null }])).toBe('D');
    expect(nextSideName(1, [{ name: 'A', grade: null }, { name: 'B', grade: null }])).toBe('C');
  });
});

describe('what a format says', () => {
  test.each([
    ['LP', 'VINYL', 12, 33], ['2xLP', 'VINYL', 12, 33], ['12"', 'VINYL', 12, 33], ['10"', 'VINYL', 10, 33], ['7"', 'VINYL', 7, 45],
    ['EP', 'VINYL', 7, 45], ['CD', 'CD', null, null], ['Cassette', 'CASSETTE', null, null], ['Vinyl', 'VINYL', 12, 33],
  ])('%s', (format, kind, sizeInch, speedRpm) => expect(hintOf(format)).toEqual({ kind, sizeInch, speedRpm }));

  test('nothing is said by a word of no meaning', () => expect(hintOf('Box')).toBeNull());
  test('a count is a count, and no size', () => {
    expect(countOf('2xLP')).toBe(2);
    expect(countOf('7 x CD')).toBe(7);
    expect(hintOf('7 x CD')?.kind).toBe('CD');
    expect(countOf('LP')).toBe(1);
    expect(countOf('999xLP')).toBe(50);
  });
  test('a new piece has the sides of its place, a CD has none', () => {
    expect(newPiece('LP', 2).sides.map(({ name }) => name)).toEqual(['C', 'D']);
    expect(newPiece('CD', 1).sides).toEqual([]);
  });
});

describe('the derived grade', () => {
  test('is the worst of discs and sides, and says which', () => {
    expect(deriveGrade([piece(['A', 'NM'], ['B', 'VG+'])])).toEqual({ grade: 'VG+', because: [{ piece: 1, side: 'B' }], of: 2 });
    expect(deriveGrade([{ ...piece(['A', 'NM']), discGrade: 'VG' }, piece(['C', 'VG'])])).toEqual({
      grade: 'VG', because: [{ piece: 1, side: null }, { piece: 2, side: 'C' }], of: 3,
    });
  });
  test('is none where nothing is graded', () => expect(deriveGrade([piece(['A', null])])).toBeNull());
});
