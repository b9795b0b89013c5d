// SPDX-License-Identifier: MIT
// What is done to many records is seen at once, can be taken back, and is undone by itself when it fails.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Actions } from './actions';
import type { Operation, Outcome } from './batch';
import type { Changeable } from './bulk';
import { RecordList, type Found } from './list';
import { NOTHING, extend, selectAll, toggle } from './selection';
import { EMPTY_VIEW } from './view';
import { UndoStack } from './undo';

type Rec = Changeable & { readonly format: string };

/** A collection of 450 records that does as it is told. */
function world() {
  const records = new Map<string, Rec>(Array.from({ length: 450 }, (_, n) => [`r${n}`, { id: `r${n}`, version: 1, format: 'LP', notes: null }]));
  const trash = new Map<string, Rec>();
  const state = { away: false };
  const apply = ({ op, id, set, version }: Operation): Outcome<Rec> => {
    const [from, to] = op === 'restore' ? [trash, records] : [records, trash];
    const record = from.get(id);
    if (record === undefined) return { id, status: 404, error: 'not found' };
    if (version !== undefined && version !== record.version) return { id, status: 412, error: 'changed meanwhile' };
    if (op !== 'update') {
      from.delete(id);
      to.set(id, record);
      return { id, status: 200 };
    }
    const before = Object.fromEntries(Object.keys(set ?? {}).map((name) => [name, record[name as 'format']]));
    const next = { ...record, ...set, version: record.version + 1 };
    records.set(id, next);
    return { id, status: 200, record: next, before };
  };
  const send = vi.fn((operations: readonly Operation[]) => (state.away ? Promise.reject(new Error('away')) : Promise.resolve(operations.map(apply))));
  const find = (_: unknown, offset: number, limit: number): Promise<Found<Rec>> =>
    Promise.resolve({ items: [...records.values()].slice(offset, offset + limit), total: records.size, corrected: null });
  const get = (id: string) => Promise.resolve(records.get(id)!);
  const list = new RecordList<Rec>(find);
  const undo = new UndoStack();
  const changed = vi.fn();
  const actions = new Actions<Rec>(list, { find, get, send, undo, changed });
  return { records, trash, state, send, list, undo, changed, actions };
}

let w: ReturnType<typeof world>;
const message = (n: number) => `${n} done`;

beforeEach(async () => {
  w = world();
  w.list.show(EMPTY_VIEW);
  w.list.want(0, 20);
  await vi.waitFor(() => { expect(w.list.shown?.pages.total).toBe(450); });
});

describe('deleting', () => {
  it('is seen before the server has answered', async () => {
    w.list.select(toggle(NOTHING, 'r0', 0));
    const doing = w.actions.remove(w.list.selection, message);
    await vi.waitFor(() => { expect(w.list.shown?.pages.get(0)?.id).toBe('r1'); });
    expect([w.list.shown?.pages.total, w.list.selection.ids.size]).toEqual([449, 0]);
    expect((await doing).done).toBe(1);
    expect([w.trash.size, w.undo.last?.message, w.changed.mock.calls.length]).toEqual([1, '1 done', 1]);
  });

  it('of all results but one is of all but that one, and can be taken back', async () => {
    const result = await w.actions.remove(toggle(selectAll(), 'r7', 7), message);
    expect([result.done, [...w.records.keys()]]).toEqual([449, ['r7']]);
    expect(await w.undo.undo()).toBe(0);
    expect([w.records.size, w.trash.size]).toEqual([450, 0]);
  });

  it('that fails is as if it had not been', async () => {
    w.state.away = true;
    const result = await w.actions.remove(toggle(NOTHING, 'r0', 0), message);
    expect([result.done, result.unsent, result.error instanceof Error]).toEqual([0, 1, true]);
    expect([w.list.shown?.pages.get(0)?.id, w.list.shown?.pages.total, w.undo.last]).toEqual(['r0', 450, undefined]);
  });

  it('of a lot tells how far it is and can be cancelled', async () => {
    const seen: string[] = [];
    w.actions.subscribe(() => {
      const { work } = w.actions;
      seen.push(work === null ? 'over' : `${work.phase} ${work.done}/${work.total}`);
      if (work?.phase === 'collect') work.cancel();
    });
    const result = await w.actions.remove(selectAll(), message);
    expect([result.done, result.error, w.records.size]).toEqual([0, null, 450]);
    expect(seen).toEqual(['collect 200/450', 'over']);
  });
});

describe('a bulk edit', () => {
  it('is shown, stored and taken back', async () => {
    const some = extend(NOTHING, ['r1', 'r2', 'r300']);
    const result = await w.actions.change(some, { format: { how: 'set', value: 'CD' } }, message);
    expect([result.done, w.list.shown?.pages.get(1)?.format, w.records.get('r300')?.format]).toEqual([3, 'CD', 'CD']);
    expect(await w.undo.undo()).toBe(0);
    expect(w.records.get('r300')?.format).toBe('LP');
  });

  it('that fails shows what was there', async () => {
    w.state.away = true;
    const seen: (string | undefined)[] = [];
    w.list.subscribe(() => { seen.push(w.list.shown?.pages.get(1)?.format); });
    await w.actions.change(toggle(NOTHING, 'r1', 1), { format: { how: 'set', value: 'CD' } }, message);
    expect(seen).toEqual(['CD', 'LP']);
  });

  it('is not taken back over what somebody changed later', async () => {
    await w.actions.change(extend(NOTHING, ['r1', 'r2']), { format: { how: 'set', value: 'CD' } }, message);
    w.records.set('r1', { ...w.records.get('r1')!, format: '7"', version: 9 });
    expect(await w.undo.undo()).toBe(1);
    expect([w.records.get('r1')?.format, w.records.get('r2')?.format]).toEqual(['7"', 'LP']);
  });
});

it('an undo that does not get through can be tried again', async () => {
  await w.actions.remove(toggle(NOTHING, 'r0', 0), message);
  w.state.away = true;
  await expect(w.undo.undo()).rejects.toThrow('away');
  w.state.away = false;
  expect(await w.undo.undo()).toBe(0);
  expect(w.records.has('r0')).toBe(true);
});
