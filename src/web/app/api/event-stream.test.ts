// SPDX-License-Identifier: MIT
// No event is lost over a connection that breaks, and a server that is away is asked with growing pauses.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from './backoff';
import { Problem } from './problem';
import { runStream, type StreamState } from './event-stream';

interface Asked {
  readonly lastId: string;
  readonly send: (text: string) => void;
  readonly end: () => void;
  readonly at: number;
}

function fakeServer() {
  const asked: Asked[] = [];
  let failure: Error | undefined;
  const open = (lastId: string, signal: AbortSignal): Promise<Response> => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
    signal.addEventListener('abort', () => {
      try {
        controller?.error(signal.reason);
      } catch {
        // closed before
      }
    });
    asked.push({ lastId, at: Date.now(), send: (text) => controller?.enqueue(new TextEncoder().encode(text)), end: () => controller?.close() });
    return failure ? Promise.reject(failure) : Promise.resolve(new Response(body));
  };
  return { asked, open, failWith: (given: Error | undefined) => void (failure = given) };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const fixed = () => new Backoff({ first: 1000, most: 8000 }, () => 1);

describe('runStream', () => {
  const stop = { now: new AbortController() };
  beforeEach(() => {
    vi.useFakeTimers();
    stop.now = new AbortController();
  });
  afterEach(() => {
    stop.now.abort();
    vi.useRealTimers();
  });

  it('goes on behind the last event when the connection breaks', async () => {
    const server = fakeServer();
    const got: string[] = [];
    void runStream({ open: server.open, event: (event) => got.push(event.data), backoff: fixed() }, stop.now.signal);
    await settle();
    server.asked[0]?.send('id: 5\ndata: a\n\nid: 6\ndata: b\n\nid: 7\nda');
    await settle();
    server.asked[0]?.end();
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.asked.map((one) => one.lastId)).toEqual(['', '7']);
    server.asked[1]?.send('id: 7\ndata: c\n\n');
    await settle();
    expect(got).toEqual(['a', 'b', 'c']);
  });

  it('asks a server that is away with growing pauses, and anew from the beginning once it held', async () => {
    const server = fakeServer();
    server.failWith(new Problem(503, 'away'));
    void runStream({ open: server.open, event: () => undefined, backoff: fixed(), silence: 1e9 }, stop.now.signal);
    await vi.advanceTimersByTimeAsync(7500);
    expect(server.asked.map((one) => one.at - (server.asked[0]?.at ?? 0))).toEqual([0, 1000, 3000, 7000]);
    server.failWith(undefined);
    await vi.advanceTimersByTimeAsync(8000);
    expect(server.asked).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(20_000);
    server.asked[4]?.end();
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.asked).toHaveLength(6);
  });

  it('takes a silent connection for dead', async () => {
    const server = fakeServer();
    const states: StreamState[] = [];
    void runStream({ open: server.open, event: () => undefined, backoff: fixed(), silence: 5000, state: (state) => states.push(state) }, stop.now.signal);
    await vi.advanceTimersByTimeAsync(4000);
    server.asked[0]?.send(': beat\n\n');
    await vi.advanceTimersByTimeAsync(4000);
    expect(server.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2001);
    expect(server.asked).toHaveLength(2);
    expect(states).toEqual(['connecting', 'live', 'waiting', 'connecting', 'live']);
  });

  it('waits as long as the server says', async () => {
    const server = fakeServer();
    server.failWith(new Problem(503, 'away', [], 5));
    void runStream({ open: server.open, event: () => undefined, backoff: fixed() }, stop.now.signal);
    await vi.advanceTimersByTimeAsync(4900);
    expect(server.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.asked).toHaveLength(2);
  });

  it('ends at once when it is told to, with the id to go on from', async () => {
    const server = fakeServer();
    const done = runStream({ open: server.open, event: () => undefined, backoff: fixed() }, stop.now.signal, '41');
    await settle();
    server.asked[0]?.send('id: 42\ndata: a\n\n');
    await settle();
    stop.now.abort();
    await expect(done).resolves.toBe('42');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toHaveLength(1);
  });
});
