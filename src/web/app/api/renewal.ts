// SPDX-License-Identifier: MIT
// When an access token is to be renewed. Times are this device's; only the token's length is taken from the server.

export interface TokenTimes {
  lifeMs: number;
  receivedAt: number; // by the device's clock, which may be wrong against the server's
}

const RENEW_AFTER = 0.75; // of its life, so that there is time to try again
const SHORTEST_MS = 1_000;

/** The payload of a JWT; undefined when it is none. Nothing is verified: that is the server's part. */
function payloadOf(token: string): Record<string, unknown> | undefined {
  try {
    const text = atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const payload: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return payload && typeof payload === 'object' ? (payload as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whose token it is: an account's id. */
export function subjectOf(token: string): string | undefined {
  const subject = payloadOf(token)?.sub;
  return typeof subject === 'string' ? subject : undefined;
}

export function timesOf(token: string, now: number): TokenTimes | undefined {
  const payload = payloadOf(token);
  const issued = payload?.iat;
  const expires = payload?.exp;
  if (typeof issued !== 'number' || typeof expires !== 'number' || expires <= issued) return undefined;
  return { lifeMs: (expires - issued) * 1000, receivedAt: now };
}

/** Milliseconds until it is to be renewed; 0 when that is due. `chance` (0…1) keeps many tabs from asking at once. */
export function renewIn(times: TokenTimes, now: number, chance: number): number {
  const due = times.receivedAt + times.lifeMs * (RENEW_AFTER - 0.1 * chance);
  if (now < times.receivedAt) return 0; // the clock was set back: nobody knows how old it is
  return due <= now ? 0 : Math.max(SHORTEST_MS, due - now);
}

/** Whether a request may still be sent with it. */
export function isFresh(times: TokenTimes, now: number): boolean {
  return now >= times.receivedAt && now < times.receivedAt + times.lifeMs - SHORTEST_MS;
}
