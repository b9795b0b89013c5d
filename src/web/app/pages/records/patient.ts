// SPDX-License-Identifier: MIT
// Long work meets the rate limit, and outlasts a server that is away for a moment.

const TRIES = 8;

export interface Patience {
  /** Whether asking again may help. */
  readonly isPassing: (error: unknown) => boolean;
  /** Milliseconds until the next try. */
  readonly delay: (attempt: number, error: unknown) => number;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Asks again, after the pause that the server wants, for as long as that may help. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal, { isPassing, delay }: Patience): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || attempt + 1 >= TRIES || !isPassing(error)) throw error;
      await pause(delay(attempt, error), signal);
    }
  }
}
