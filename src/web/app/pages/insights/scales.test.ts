// SPDX-License-Identifier: MIT
// Axes have round numbers on them, whatever they measure.
import { describe, expect, it } from 'vitest';
import { niceStep, sharesOf, ticksTo } from './scales';

describe('niceStep', () => {
  it('is the next round number', () => {
    expect([0.7, 1, 1.2, 2.1, 3, 7, 12, 230, 0.03].map((rough) => niceStep(rough))).toEqual([1, 1, 2, 2.5, 5, 10, 20, 250, 0.05]);
  });

  it('is whole where things are counted', () => {
    expect([0.2, 1.5, 2.1, 21].map((rough) => niceStep(rough, true))).toEqual([1, 2, 5, 25]);
  });

  it('is something for nothing', () => {
    expect([niceStep(0), niceStep(-3), niceStep(NaN)]).toEqual([1, 1, 1]);
  });
});

describe('ticksTo', () => {
  it('goes from nothing to at least the most', () => {
    expect(ticksTo(97)).toEqual([0, 25, 50, 75, 100]);
    expect(ticksTo(3, 4, true)).toEqual([0, 1, 2, 3]);
    expect(ticksTo(0.3)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(ticksTo(0)).toEqual([0, 1]);
  });

  it('covers any most in few steps', () => {
    for (let most = 1; most < 1e7; most = Math.ceil(most * 1.37)) {
      const ticks = ticksTo(most);
      expect(ticks[ticks.length - 1]).toBeGreaterThanOrEqual(most);
      expect(ticks.length).toBeLessThanOrEqual(6);
    }
  });
});

describe('sharesOf', () => {
  it('measures by the greatest', () => expect(sharesOf([1, 4, 2])).toEqual([0.25, 1, 0.5]));
  it('is nothing of nothing', () => expect([sharesOf([]), sharesOf([0, 0])]).toEqual([[], [0, 0]]));
});
