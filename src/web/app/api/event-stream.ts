// SPDX-License-Identifier: MIT
// One stream of events from the server, kept up: resumed where it broke off, after growing pauses.
import { Backoff } from './backoff';
import { Problem } from './problem';
import { SseParser, type ServerEvent } from './sse';

export type StreamState = 'connecting' | 'live' | 'waiting';

export interface StreamSettings {
  /** Asks the server, or throws; `lastId` is empty the first time. */
  readonly open: (lastId: string, signal: AbortSignal) => Promise<Response>;
  readonly event: (event: ServerEvent) => void;
  readonly state?: (state: StreamState) => void;
  readonly backoff?: Backoff;
  /** Without a byte for this long, heartbeats included, the connection counts as dead. */
  readonly silence?: number;
}

/** A connection that held this long was no failure. */
const HELD = 10_000;
const SILENCE = 45_000;

/** What an answer that was an error asked for, in milliseconds. */
const askedPause = (error: unknown): number => (error instanceof Problem ? (error.retryAfter ?? 0) * 1000 : 0);

/** Waits; ends early when aborted, when the network is back, or when somebody looks at the page again. */
export function pause(milliseconds: number, signal: AbortSignal, wakes: readonly [EventTarget, string][] = []): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      for (const [target, name] of wakes) target.removeEventListener(name, over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    signal.addEventListener('abort', over);
    for (const [target, name] of wakes) target.addEventListener(name, over);
    if (signal.aborted) over();
  });
}

/** Reads one answer to its end. Throws when the network breaks or nothing is heard for too long. */
async function read(response: Response, parser: SseParser, silence: number, connection: AbortController): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error('the answer has no body');
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => connection.abort(new Error('the server is silent')), silence);
  };
  try {
    for (heard(); ; heard()) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.push(value);
    }
  } finally {
    clearTimeout(watchdog);
    reader.cancel().catch(() => undefined);
  }
}

/** Runs until `signal` is aborted; resolves then, and never rejects. Returns the id to go on from. */
export async function runStream(settings: StreamSettings, signal: AbortSignal, from = ''): Promise<string> {
  const backoff = settings.backoff ?? new Backoff();
  let lastId = from;

  while (!signal.aborted) {
    const connection = new AbortController();
    const stop = (): void => connection.abort(signal.reason);
    signal.addEventListener('abort', stop);
    settings.state?.('connecting');
    let since = Infinity;
    try {
      const response = await settings.open(lastId, connection.signal);
      since = Date.now();
      settings.state?.('live');
      const parser = new SseParser({ event: settings.event, retry: (ms) => backoff.atLeast(ms) }, lastId);
      await read(response, parser, settings.silence ?? SILENCE, connection).finally(() => (lastId = parser.lastId));
    } catch (error) {
      backoff.atLeast(askedPause(error)); // whatever it was: the next try comes after a pause
    } finally {
      signal.removeEventListener('abort', stop);
      connection.abort();
    }
    if (signal.aborted) break;
    if (Date.now() - since >= HELD) backoff.reset();
    settings.state?.('waiting');
    await pause(backoff.next(), signal, typeof window === 'undefined' ? [] : [[window, 'online']]);
  }
  return lastId;
}
