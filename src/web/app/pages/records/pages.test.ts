// SPDX-License-Identifier: MIT
// A list of 110,000 shows what is looked at, keeps little, and never shows what is not so.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Pages, type Loaded } from './pages';

interface Item { readonly id: string; readonly name: string }

/** A server with `total` items whose answers come when told to. */
function server(total: number) {
  const asked: { offset: number; signal: AbortSignal; answer: () => void; fail: (error: unknown) => void }[] = [];
  const names = Array.from({ length: total }, (_, at) => ({ id: `r${at}`, name: `name ${at}` }));
  const load = (offset: number, limit: number, signal: AbortSignal) => new Promise<Loaded<Item>>((resolve, reject) => {
    asked.push({ offset, signal, fail: reject, answer: () => resolve({ items: names.slice(offset, offset + limit), total: names.length }) });
  });
  const answerAll = async () => {
    for (let at = 0; at < asked.length; at += 1) { asked[at]?.answer(); await Promise.resolve(); await Promise.resolve(); }
  };
  return { asked, load, names, answerAll };
}

const small = { pageSize: 10, maxPages: 3, parallel: 2 };
const settled = async () => { for (let n = 0; n < 6; n += 1) await Promise.resolve(); };

afterEach(() => { vi.useRealTimers(); });

describe('what is looked at', () => {
  it('is loaded, and told of', async () => {
    const { load, asked, answerAll } = server(110_000);
    const changed = vi.fn();
    const pages = new Pages(load, changed, small);
    pages.want(54_995, 55_004);
    expect(asked.map((each) => each.offset)).toEqual([54_990, 55_000]);
    expect(pages.get(55_000)).toBeUndefined();
    await answerAll();
    expect([pages.get(54_999)?.id, pages.get(55_000)?.id, pages.total]).toEqual(['r54999', 'r55000', 110_000]);
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('is asked for once', async () => {
    const { load, asked, answerAll } = server(100);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 5);
    pages.want(0, 7);
    await answerAll();
    pages.want(1, 9);
    expect(asked).toHaveLength(1);
  });

  it('goes before what was: a page that was scrolled past is not waited for', async () => {
    const { load, asked, answerAll } = server(1000);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 15);
    pages.want(900, 905);
    expect(asked.map((each) => [each.offset, each.signal.aborted])).toEqual([[0, true], [10, true], [900, false]]);
    await answerAll();
    expect([pages.get(0), pages.get(900)?.id]).toEqual([undefined, 'r900']);
  });

  it('is loaded a few pages at a time, until all are there', async () => {
    const { load, asked, answerAll } = server(1000);
    const pages = new Pages(load, () => undefined, { ...small, maxPages: 9 });
    pages.want(0, 49);
    expect(asked).toHaveLength(2);
    await answerAll();
    expect(pages.size).toBe(50);
  });

  it('ends where the list ends', async () => {
    const { load, asked, answerAll } = server(12);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 9);
    await answerAll();
    pages.want(0, 45);
    await answerAll();
    expect([asked.length, pages.size]).toEqual([2, 12]);
  });
});

it('little is kept of what was looked at', async () => {
  const { load, asked, answerAll } = server(10_000);
  const pages = new Pages(load, () => undefined, small);
  for (let at = 0; at < 5000; at += 100) { pages.want(at, at + 9); asked.at(-1)?.answer(); await settled(); }
  pages.want(0, 5);
  expect(pages.size).toBeLessThanOrEqual(30);
  expect(pages.get(4900)?.id).toBe('r4900');
  await answerAll();
});

describe('when loading fails', () => {
  it('what is there stays, and it is tried again, later each time', async () => {
    vi.useFakeTimers();
    const { load, asked } = server(100);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 5);
    asked[0]?.fail(new Error('away'));
    await settled();
    expect(pages.error).toBeInstanceOf(Error);
    pages.want(0, 6);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(asked).toHaveLength(2);
    asked[1]?.fail(new Error('away'));
    await settled();
    vi.advanceTimersByTime(1000);
    expect(asked).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    asked[2]?.answer();
    await settled();
    expect([pages.error, pages.get(0)?.id]).toEqual([null, 'r0']);
  });

  it('it is tried at once when asked to', async () => {
    vi.useFakeTimers();
    const { load, asked } = server(100);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 5);
    asked[0]?.fail(new Error('away'));
    await settled();
    pages.retry();
    expect(asked).toHaveLength(2);
  });
});

describe('when the collection changes', () => {
  it('what is in view stays until the new is there', async () => {
    const { load, asked, names } = server(100);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 5);
    asked[0]?.answer();
    await settled();
    names.unshift({ id: 'new', name: 'new' });
    pages.refresh();
    expect(pages.get(0)?.id).toBe('r0');
    asked[1]?.answer();
    await settled();
    expect([pages.get(0)?.id, pages.get(1)?.id, pages.total]).toEqual(['new', 'r0', 101]);
  });

  it('an answer from before is not taken', async () => {
    const { load, asked, names } = server(100);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 5);
    pages.refresh();
    names.unshift({ id: 'new', name: 'new' });
    asked[1]?.answer();
    await settled();
    names.shift();
    asked[0]?.answer();
    await settled();
    expect(pages.get(0)?.id).toBe('new');
  });
});

describe('before the server has said so', () => {
  it('a change is shown, and taken back when it failed', async () => {
    const { load, answerAll } = server(20);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 5);
    await answerAll();
    pages.patch(new Map([['r1', { name: 'other' }], ['r2', { name: 'other' }]]));
    expect([pages.get(1)?.name, pages.get(3)?.name]).toEqual(['other', 'name 3']);
    pages.settle(new Map([['r1', { id: 'r1', name: 'as stored' }], ['r2', null]]));
    expect([pages.get(1)?.name, pages.get(2)?.name]).toEqual(['as stored', 'name 2']);
  });

  it('what is deleted is gone and the rest moves up', async () => {
    const { load, asked, answerAll, names } = server(40);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 19);
    await answerAll();
    const settle = pages.remove(new Set(['r1', 'r3']));
    expect([0, 1, 2, 3].map((at) => pages.get(at)?.id)).toEqual(['r0', 'r2', 'r4', 'r5']);
    expect([pages.total, pages.get(18)]).toEqual([38, undefined]);
    pages.want(0, 19);
    expect(asked).toHaveLength(2);
    names.splice(3, 1);
    names.splice(1, 1);
    settle(true);
    expect(asked).toHaveLength(4);
    await answerAll();
    expect([pages.get(18)?.id, pages.total]).toEqual(['r20', 38]);
  });

  it('what could not be deleted is back in its place', async () => {
    const { load, answerAll } = server(40);
    const pages = new Pages(load, () => undefined, small);
    pages.want(0, 9);
    await answerAll();
    pages.remove(new Set(['r1']))(false);
    expect([pages.get(1)?.id, pages.total]).toEqual(['r1', 40]);
  });
});

it('a closed list is silent', async () => {
  const { load, asked } = server(40);
  const changed = vi.fn();
  const pages = new Pages(load, changed, small);
  pages.want(0, 9);
  pages.close();
  expect(asked[0]?.signal.aborted).toBe(true);
  asked[0]?.answer();
  await settled();
  expect(changed).not.toHaveBeenCalled();
});
