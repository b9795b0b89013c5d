// SPDX-License-Identifier: MIT
// A year without a purchase is a flat line, no hole and no jump.
import { describe, expect, it } from 'vitest';
import { changeOverYear, fillMonths, fromNothing, lastMonths, secondsOf, type Month } from './series';

const month = (name: string, added: number, count: number, spent = 0, total = 0): Month => ({ month: name, added, count, spent, total });

describe('fillMonths', () => {
  it('fills gaps over the turn of a year with what was there before', () => {
    expect(fillMonths([month('2025-11', 3, 3, 30, 30), month('2026-02', 1, 4, 5, 35)])).toEqual([
      month('2025-11', 3, 3, 30, 30),
      month('2025-12', 0, 3, 0, 30),
      month('2026-01', 0, 3, 0, 30),
      month('2026-02', 1, 4, 5, 35),
    ]);
  });

  it('puts in order, keeps one of each, and drops what is no month', () => {
    const given = [month('2026-02', 1, 4), month('2026-01', 3, 3), month('2026-02', 9, 9), month('2026-13', 1, 1), month('soon', 1, 1)];
    expect(fillMonths(given).map((one) => one.month)).toEqual(['2026-01', '2026-02']);
    expect(fillMonths([])).toEqual([]);
  });

  it('stays bounded when a date is far off', () => {
    expect(fillMonths([month('0001-01', 1, 1), month('9999-12', 1, 2)]).length).toBeLessThan(2500);
  });
});

describe('fromNothing', () => {
  it('begins with the month before the first, over the turn of a year too', () => {
    expect(fromNothing([month('2026-01', 5, 5)])).toEqual([month('2025-12', 0, 0), month('2026-01', 5, 5)]);
    expect(fromNothing([])).toEqual([]);
  });
});

describe('lastMonths', () => {
  const many = fillMonths([month('2024-01', 1, 1), month('2026-01', 1, 2)]);
  it('gives the last or all', () => {
    expect(lastMonths(many, 12)[0]?.month).toBe('2025-02');
    expect(lastMonths(many, null)).toHaveLength(25);
  });
});

describe('secondsOf', () => {
  it('is the first of the month, wherever one is', () => expect(secondsOf('2026-01')).toBe(1767225600));
});

describe('changeOverYear', () => {
  it('compares with the same month a year before', () => {
    expect(changeOverYear(fillMonths([month('2025-01', 10, 10), month('2026-01', 5, 15)]), (one) => one.count)).toEqual({ by: 5, ratio: 0.5 });
  });
  it('counts all of a collection that is younger than a year', () => {
    expect(changeOverYear([month('2026-01', 5, 5)], (one) => one.count)).toEqual({ by: 5, ratio: null });
    expect(changeOverYear([], (one) => one.count)).toBeNull();
  });
});
