// SPDX-License-Identifier: MIT
// A server that comes back is not overrun by all its browsers at once.
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff';

describe('Backoff', () => {
  it('doubles up to its most, then stays', () => {
    const backoff = new Backoff({ first: 1000, most: 8000 }, () => 1);
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('spreads each pause over half of itself', () => {
    expect(new Backoff({ first: 1000, most: 8000 }, () => 0).next()).toBe(500);
    expect(new Backoff({ first: 1000, most: 8000 }, () => 0.5).next()).toBe(750);
  });

  it('begins anew after a success', () => {
    const backoff = new Backoff({ first: 1000, most: 8000 }, () => 1);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(1000);
  });

  it('waits as long as the server asks, within reason', () => {
    const backoff = new Backoff({ first: 1000, most: 8000 }, () => 0);
    backoff.atLeast(5000);
    expect(backoff.next()).toBe(5000);
    backoff.atLeast(1e9);
    expect(backoff.next()).toBe(8000);
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it('stays finite however often it is asked', () => {
    const backoff = new Backoff();
    for (let i = 0; i < 5000; i++) expect(backoff.next()).toBeLessThanOrEqual(60_000);
  });
});
