// SPDX-License-Identifier: MIT
// A session must renew itself in time whatever the device's clock says, and failures must be tried again with patience.
import { describe, expect, it } from 'vitest';
import { isFresh, renewIn, subjectOf, timesOf } from '../api/renewal';
import { isPassing, retryAfterMs, retryIn } from '../api/retry';

function jwt(payload: unknown): string {
  return `h.${btoa(JSON.stringify(payload)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}.s`;
}

describe('renewing', () => {
  const now = 1_000_000;
  const times = { lifeMs: 900_000, receivedAt: now };

  it('takes the length from the token and the time from the device', () => {
    expect(timesOf(jwt({ iat: 5000, exp: 5900 }), now)).toEqual(times);
    expect(timesOf(jwt({ iat: 5000, exp: 5900, email: 'ÿþ>?@x.de' }), now)?.lifeMs).toBe(900_000);
  });
  it.each(['', 'a.b.c', jwt(null), jwt({ iat: 1 }), jwt({ iat: 9, exp: 8 }), jwt('x')])('knows that %j is no token', (token) => {
    expect(timesOf(token, now)).toBeUndefined();
  });
  it('tells whose token it is', () => {
    expect(subjectOf(jwt({ sub: 'ann' }))).toBe('ann');
    expect(subjectOf(jwt({ sub: 7 }))).toBeUndefined();
    expect(subjectOf('x')).toBeUndefined();
  });
  it('comes before the end, never at the same moment for all', () => {
    expect(renewIn(times, now, 0)).toBe(675_000);
    expect(renewIn(times, now, 1)).toBeCloseTo(585_000);
    expect(renewIn(times, now + 674_999, 0)).toBe(1000);
  });
  it('is due after sleep, and when the clock was set back', () => {
    expect(renewIn(times, now + 5_000_000, 0)).toBe(0);
    expect(renewIn(times, now - 1, 0)).toBe(0);
  });
  it('a token is used while it lives', () => {
    expect(isFresh(times, now + 898_999)).toBe(true);
    expect(isFresh(times, now + 899_000)).toBe(false);
    expect(isFresh(times, now - 1)).toBe(false);
  });
});

describe('trying again', () => {
  const now = Date.parse('2026-01-31T09:30:00Z');
  it('reads seconds and dates, and believes no absurd ones', () => {
    expect(retryAfterMs('3', now)).toBe(3000);
    expect(retryAfterMs('Sat, 31 Jan 2026 09:30:05 GMT', now)).toBe(5000);
    expect(retryAfterMs('Sat, 31 Jan 2026 09:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('999999', now)).toBe(120_000);
    for (const nonsense of [null, '', 'soon']) expect(retryAfterMs(nonsense, now)).toBeUndefined();
  });
  it('is of use only for what passes', () => {
    for (const status of [undefined, 429, 502, 503, 504]) expect(isPassing({ status, retryAfter: null })).toBe(true);
    for (const status of [400, 401, 403, 404, 409, 412, 422, 500, 507])
      expect(retryIn({ status, retryAfter: null }, 0, now, 0.5)).toBeUndefined();
  });
  it('waits longer each time, and as long as the server asks', () => {
    const waits = [0, 1, 2, 3, 20].map((attempt) => retryIn({ status: undefined, retryAfter: null }, attempt, now, 0.5));
    expect(waits).toEqual([400, 800, 1600, 3200, 15_000]);
    expect(retryIn({ status: 503, retryAfter: '7' }, 0, now, 0.5)).toBe(7000);
    expect(retryIn({ status: 503, retryAfter: '0' }, 0, now, 0)).toBe(300);
  });
});
