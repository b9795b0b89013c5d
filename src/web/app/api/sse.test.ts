// SPDX-License-Identifier: MIT
// Events arrive whole, however the network cuts the stream that carries them.
import { describe, expect, it } from 'vitest';
import { MAX_EVENT, SseOverflow, SseParser, type ServerEvent } from './sse';

function parse(chunks: readonly string[], lastId = '') {
  const events: ServerEvent[] = [];
  const retries: number[] = [];
  const parser = new SseParser({ event: (event) => events.push(event), retry: (ms) => retries.push(ms) }, lastId);
  for (const chunk of chunks) parser.push(chunk);
  return { events, retries, lastId: parser.lastId };
}

const STREAM = ':hello\r\nretry: 3000\r\n\r\nevent: changes\nid: 7\ndata: {"version":7}\n\nevent: job\rdata: {"id":\rdata: "x"}\r\rdata\n\n';

describe('SseParser', () => {
  it('reads events with their names, data and ids', () => {
    const { events, retries, lastId } = parse([STREAM]);
    expect(events).toEqual([
      { name: 'changes', data: '{"version":7}', id: '7' },
      { name: 'job', data: '{"id":\n"x"}', id: '7' },
      { name: 'message', data: '', id: '7' },
    ]);
    expect(retries).toEqual([3000]);
    expect(lastId).toBe('7');
  });

  it('reads the same wherever the stream is cut', () => {
    const whole = parse([STREAM]);
    for (let at = 0; at <= STREAM.length; at++) expect(parse([STREAM.slice(0, at), STREAM.slice(at)])).toEqual(whole);
    expect(parse([...STREAM])).toEqual(whole);
  });

  it('drops an event that the stream ends in, and keeps the id to resume from', () => {
    expect(parse(['id: 3\ndata: a\n\ndata: half'])).toMatchObject({ events: [{ data: 'a' }], lastId: '3' });
  });

  it('resumes with the id it was given until there is a new one', () => {
    expect(parse(['data: a\n\n'], '41').events[0]?.id).toBe('41');
    expect(parse(['id\n\ndata: a\n\n'], '41').events[0]?.id).toBe('');
  });

  it('passes over comments, unknown fields, a byte order mark and ids with NUL', () => {
    const { events } = parse(['\ufeffdata: a\nfoo: bar\n: beat\nid: 1\0\n\n\n\n: beat\n\n']);
    expect(events).toEqual([{ name: 'message', data: 'a', id: '' }]);
  });

  it('takes one blank after the colon away, no more', () => {
    expect(parse(['data:  a\n\ndata:b\n\n']).events.map((event) => event.data)).toEqual([' a', 'b']);
  });

  it('refuses to gather without end', () => {
    expect(() => parse(['data: ', 'x'.repeat(MAX_EVENT + 1)])).toThrow(SseOverflow);
    expect(() => parse(Array.from({ length: 1100 }, () => `data: ${'x'.repeat(1000)}\n`))).toThrow(SseOverflow);
  });
});
