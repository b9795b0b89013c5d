// SPDX-License-Identifier: MIT
// While somebody types, only the last query counts, and nothing flickers.
import { describe, expect, it, vi } from 'vitest';
import { RecordList, type Found } from './list';
import { selectAll } from './selection';
import { EMPTY_VIEW, withQuery, type View } from './view';

interface Item { readonly id: string }

function finder() {
  const asked: { q: string; offset: number; signal: AbortSignal; answer: (total: number, corrected?: string) => Promise<void>; fail: () => Promise<void> }[] = [];
  const settled = async () => { for (let n = 0; n < 8; n += 1) await Promise.resolve(); };
  const find = (view: View, offset: number, limit: number, signal: AbortSignal) => new Promise<Found<Item>>((resolve, reject) => {
    asked.push({
      q: view.q, offset, signal,
      answer: (total, corrected) => {
        const items = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, n) => ({ id: `${view.q}${offset + n}` }));
        resolve({ items, total, corrected: corrected ?? null });
        return settled();
      },
      fail: () => { reject(new Error('away')); return settled(); },
    });
  });
  return { find, asked, last: () => asked[asked.length - 1]! };
}

const typed = (q: string) => withQuery(EMPTY_VIEW, q);

describe('typing', () => {
  it('aborts the former query', async () => {
    const { find, asked, last } = finder();
    const list = new RecordList(find);
    list.show(typed(''));
    await last().answer(500);
    for (const q of ['b', 'bl', 'blu']) list.show(typed(q));
    expect(asked.map(({ q, signal }) => [q, signal.aborted])).toEqual([['', false], ['b', true], ['bl', true], ['blu', false]]);
    await asked[1]!.answer(9);
    expect([list.shown?.view.q, list.isWaiting]).toEqual(['', true]);
    await last().answer(3);
    expect([list.shown?.view.q, list.shown?.pages.total, list.isWaiting]).toEqual(['blu', 3, false]);
  });

  it('keeps what is shown until the new is there, and shows that at once', async () => {
    const { find, last } = finder();
    const list = new RecordList(find);
    list.show(typed('a'));
    await last().answer(5);
    const told = vi.fn();
    list.subscribe(told);
    list.show(typed('ab'));
    expect(list.shown?.pages.get(0)?.id).toBe('a0');
    await last().answer(2, 'abc');
    expect([list.shown?.pages.get(0)?.id, list.shown?.corrected, told.mock.calls.length]).toEqual(['ab0', 'abc', 2]);
  });

  it('back to what was before shows that without asking', async () => {
    const { find, asked, last } = finder();
    const list = new RecordList(find);
    list.show(typed('a'));
    await last().answer(5);
    list.show(typed('ab'));
    await last().answer(2);
    list.show(typed('a'));
    expect([list.shown?.pages.get(4)?.id, list.isWaiting, asked.length]).toEqual(['a4', false, 2]);
  });

  it('does not ask again for another look', async () => {
    const { find, asked, last } = finder();
    const list = new RecordList(find);
    list.show(typed('a'));
    await last().answer(5);
    list.show({ ...typed('a'), layout: 'table' });
    expect([asked.length, list.view.layout]).toEqual([1, 'table']);
  });
});

it('another query selects nothing: what cannot be seen is not changed', async () => {
  const { find, last } = finder();
  const list = new RecordList(find);
  list.show(typed('a'));
  await last().answer(5);
  list.select(selectAll());
  list.show(typed('b'));
  await last().answer(5);
  expect(list.selection.all).toBe(false);
});

it('when the server is away, what was there stays and the error is told', async () => {
  const { find, last } = finder();
  const list = new RecordList(find, { delay: () => 1e6 });
  list.show(typed('a'));
  await last().answer(5);
  list.show(typed('ab'));
  await last().fail();
  expect([list.shown?.view.q, list.error instanceof Error]).toEqual(['a', true]);
  list.retry();
  await last().answer(1);
  expect([list.shown?.view.q, list.error]).toEqual(['ab', null]);
});

it('what others change is loaded in place, and former results are forgotten', async () => {
  const { find, asked, last } = finder();
  const list = new RecordList(find);
  list.show(typed('a'));
  await last().answer(5);
  list.show(typed('b'));
  await last().answer(5);
  list.refresh();
  await last().answer(6);
  expect([list.shown?.view.q, list.shown?.pages.total]).toEqual(['b', 6]);
  list.show(typed('a'));
  expect(asked).toHaveLength(4);
});
