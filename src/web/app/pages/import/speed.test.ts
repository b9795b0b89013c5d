// SPDX-License-Identifier: MIT
// The time left is told from what happened lately, and not at all before it can be told.
import { describe, expect, it } from 'vitest';
import { addSample, fractionOf, speedOf, type Sample } from './speed';

const at = (seconds: number, rows: number): Sample => ({ at: seconds * 1000, rows, done: rows * 100, total: 1_000_000 });
const gather = (...samples: Sample[]) => samples.reduce<readonly Sample[]>(addSample, []);

describe('speedOf', () => {
  it('says nothing before there is something to compare', () => {
    expect(speedOf(gather())).toEqual({ rowsPerSecond: null, secondsLeft: null });
    expect(speedOf(gather(at(0, 0), at(0.1, 50)))).toEqual({ rowsPerSecond: null, secondsLeft: null });
  });

  it('tells rows a second and the time left', () => {
    expect(speedOf(gather(at(0, 0), at(1, 1000), at(2, 2000)))).toEqual({ rowsPerSecond: 1000, secondsLeft: 8 });
  });

  it('follows a job that becomes slower', () => {
    const samples = gather(at(0, 0), at(1, 4000), ...Array.from({ length: 20 }, (_, i) => at(i + 2, 4000 + 100 * (i + 1))));
    expect(speedOf(samples).rowsPerSecond).toBeCloseTo(100);
  });

  it('begins anew with another job', () => {
    expect(gather(at(0, 0), at(1, 1000), at(2, 10))).toEqual([at(2, 10)]);
  });

  it('keeps a bounded number of samples', () => {
    expect(gather(...Array.from({ length: 5000 }, (_, i) => at(i / 10, i * 10))).length).toBeLessThan(100);
  });
});

describe('fractionOf', () => {
  it('is between nothing and all, or not known', () => {
    expect([fractionOf(at(0, 2500)), fractionOf(at(0, 99999)), fractionOf({ done: 0, total: 0 })]).toEqual([0.25, 1, null]);
  });
});
