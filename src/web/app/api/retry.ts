// SPDX-License-Identifier: MIT
// Whether and when a request that failed is sent again.

/** How a request went wrong: no answer at all, or a status. */
export interface Failure {
    status: number | undefined;
    retryAfter: string | null;
}

const FIRST_MS = 400;
const LONGEST_MS = 15_000;
const BELIEVED_MS = 120_000; // a server that asks for more is asked again after this

/** Retry-After in milliseconds: seconds or a date. */
export function retryAfterMs(value: string | null, now: number): number | undefined {
    if (!value) return undefined;
    const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
    return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), BELIEVED_MS) : undefined;
}

/** What passes by itself: no network, a server that restarts, a database that is away, too many requests. */
export function isPassing(failure: Failure): boolean {
    return (
        failure.status === undefined ||
        failure.status === 429 ||
        failure.status === 502 ||
        failure.status === 503 ||
        failure.status === 504
    );
}

/** Milliseconds to wait before attempt `attempt` + 1, or undefined when trying again is of no use. */
export function retryIn(failure: Failure, attempt: number, now: number, chance: number): number | undefined {
    if (!isPassing(failure)) return undefined;
    const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
    const jittered = grown * (0.75 + 0.5 * chance);
    return Math.max(jittered, retryAfterMs(failure.retryAfter, now) ?? 0);
}
