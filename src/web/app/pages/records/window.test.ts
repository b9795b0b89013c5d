// SPDX-License-Identifier: MIT
// Any part of 110,000 rows can be jumped to, and few of them are drawn.
import { describe, expect, it } from 'vitest';
import { gridShape, offsetFor, windowOf } from './window';

const table = { columns: 1, rowHeight: 40 };

describe('what is drawn', () => {
  it('is what is seen, and a little more', () => {
    expect(windowOf(table, 110_000, 0, 800, 5)).toEqual({ first: 0, last: 24, top: 0, height: 4_400_000 });
    expect(windowOf(table, 110_000, 2_000_000, 800, 5)).toEqual({ first: 49_995, last: 50_024, top: 1_999_800, height: 4_400_000 });
  });

  it('ends with the list', () => {
    expect(windowOf(table, 110_000, 4_400_000 - 800, 800, 5).last).toBe(109_999);
    expect(windowOf(table, 3, 0, 800, 5)).toEqual({ first: 0, last: 2, top: 0, height: 120 });
    expect(windowOf(table, 0, 0, 800, 5)).toEqual({ first: 0, last: -1, top: 0, height: 0 });
  });

  it('is sound where nothing is in view', () => {
    const above = windowOf(table, 10, -5000, 800, 2);
    const below = windowOf(table, 10, 5000, 800, 2);
    expect([above.last - above.first < 4, below.first, below.last]).toEqual([true, 8, 9]);
  });

  it('begins at the beginning of a row of covers', () => {
    const shape = gridShape(1000, 170, 16, 60);
    expect(shape.columns).toBe(5);
    const drawn = windowOf(shape, 110_000, 500_000, 900, 1);
    expect([drawn.first % 5, (drawn.last + 1) % 5]).toEqual([0, 0]);
  });
});

it('a phone shows two covers beside each other, however narrow', () => {
  expect(gridShape(300, 170, 12, 60)).toEqual({ columns: 2, rowHeight: 144 + 72 });
});

it('an item that is out of sight is brought into it, no further', () => {
  expect(offsetFor(table, 10, 0, 800, 0)).toBe(0);
  expect(offsetFor(table, 20, 0, 800, 0)).toBe(40);
  expect(offsetFor(table, 5, 1000, 800, 100)).toBe(100);
});
