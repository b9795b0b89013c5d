// SPDX-License-Identifier: MIT
// A change of thousands is sent in pieces, and what was done of it can be taken back.
import { describe, expect, it, vi } from 'vitest';
import { PIECE, inverse, runBatch, type Operation, type Outcome } from './batch';

interface Thing { readonly version: number }

const operations = (count: number): Operation[] => Array.from({ length: count }, (_, n) => ({ op: 'delete', id: `r${n}` }));
const fine = (ops: readonly Operation[]): Outcome<Thing>[] => ops.map(({ id }) => ({ id, status: 200, record: { version: 2 } }));
const never = new AbortController().signal;

describe('a batch', () => {
  it('goes in pieces of what the server takes, and tells how far it is', async () => {
    const send = vi.fn((ops: readonly Operation[]) => Promise.resolve(fine(ops)));
    const progress = vi.fn();
    const result = await runBatch(operations(1201), send, never, progress);
    expect(send.mock.calls.map(([ops]) => ops.length)).toEqual([PIECE, PIECE, 201]);
    expect(progress.mock.calls.map(([done]) => done as number)).toEqual([500, 1000, 1201]);
    expect([result.done.length, result.refused.length, result.unsent.length, result.error]).toEqual([1201, 0, 0, null]);
  });

  it('keeps what was done when the server goes away', async () => {
    const send = vi.fn((ops: readonly Operation[]) => Promise.resolve(fine(ops)));
    send.mockImplementationOnce((ops) => Promise.resolve(fine(ops))).mockImplementationOnce(() => Promise.reject(new Error('away')));
    const result = await runBatch(operations(1100), send, never, () => undefined);
    expect([result.done.length, result.unsent.length]).toEqual([500, 600]);
    expect(result.error).toBeInstanceOf(Error);
  });

  it('ends when it is cancelled', async () => {
    const controller = new AbortController();
    const send = vi.fn((ops: readonly Operation[]) => { controller.abort(); return Promise.resolve(fine(ops)); });
    const result = await runBatch(operations(1100), send, controller.signal, () => undefined);
    expect([result.done.length, result.unsent.length, send.mock.calls.length]).toEqual([500, 600, 1]);
  });

  it('tells apart what was refused', async () => {
    const send = () => Promise.resolve<Outcome<Thing>[]>([{ id: 'r0', status: 412, error: 'changed' }, { id: 'r1', status: 200 }]);
    const result = await runBatch(operations(2), send, never, () => undefined);
    expect([result.done.map((each) => each.id), result.refused.map((each) => each.id)]).toEqual([['r1'], ['r0']]);
  });
});

describe('taking it back', () => {
  it('restores what was deleted, and the other way round', () => {
    const done: Outcome<Thing>[] = [{ id: 'a', status: 204 }];
    expect(inverse('delete', done)).toEqual([{ op: 'restore', id: 'a' }]);
    expect(inverse('restore', done)).toEqual([{ op: 'delete', id: 'a' }]);
  });

  it('gives fields their former values, of the version that it made', () => {
    const done: Outcome<Thing>[] = [
      { id: 'a', status: 200, before: { recordGrade: 'VG+', notes: null }, record: { version: 7 } },
      { id: 'unchanged', status: 200, before: {}, record: { version: 3 } },
    ];
    expect(inverse('update', done)).toEqual([{ op: 'update', id: 'a', set: { recordGrade: 'VG+', notes: null }, version: 7 }]);
  });
});
