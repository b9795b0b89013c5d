// SPDX-License-Identifier: MIT
// The memory of what the server answered, and how questions are asked again.
import { QueryClient } from '@tanstack/preact-query';
import { Problem, isPassing } from './problem';

const tries = 4;

/** Milliseconds before the next try: what the server asked for, else doubling from half a second. */
export function retryDelay(attempt: number, error: unknown): number {
  const asked = error instanceof Problem ? error.retryAfter : null;
  return asked === null ? Math.min(500 * 2 ** attempt, 15_000) : Math.min(asked, 30) * 1000;
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      retry: (count, error) => count < tries && isPassing(error),
      retryDelay,
      // Events tell what changed; a tab that was asleep looks again when it wakes.
      refetchOnWindowFocus: true,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
