// SPDX-License-Identifier: MIT
// An import that changes the collection many times a second does not have the page ask as often.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { gathered } from './gather';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('runs at once, then once for all that came meanwhile', () => {
  const work = vi.fn();
  const gather = gathered(work, 1000);
  gather();
  expect(work).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 50; i++) {
    gather();
    vi.advanceTimersByTime(10);
  }
  expect(work).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  expect(work).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(10_000);
  expect(work).toHaveBeenCalledTimes(2);
  gather();
  expect(work).toHaveBeenCalledTimes(3);
});

it('forgets what it was told to', () => {
  const work = vi.fn();
  const gather = gathered(work, 1000);
  gather();
  gather();
  gather.cancel();
  vi.advanceTimersByTime(5000);
  expect(work).toHaveBeenCalledTimes(1);
});
