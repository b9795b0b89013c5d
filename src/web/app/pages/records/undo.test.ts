// SPDX-License-Identifier: MIT
// What was done is taken back once, the latest first, and not lost when that fails.
import { expect, it, vi } from 'vitest';
import { UndoStack } from './undo';

it('the latest goes first, each once', async () => {
  const stack = new UndoStack();
  const done: string[] = [];
  stack.push('first', () => { done.push('first'); return Promise.resolve(0); });
  const second = stack.push('second', () => { done.push('second'); return Promise.resolve(0); });
  await Promise.all([stack.undo(second.id), stack.undo(second.id)]);
  expect([await stack.undo(), await stack.undo(), done]).toEqual([0, null, ['second', 'first']]);
});

it('what failed can be tried again', async () => {
  const stack = new UndoStack();
  const undo = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValueOnce(2);
  stack.push('deleted', undo);
  await expect(stack.undo()).rejects.toThrow('away');
  expect(stack.last?.message).toBe('deleted');
  expect(await stack.undo()).toBe(2);
});

it('is bounded, and tells of changes', () => {
  const stack = new UndoStack();
  const told = vi.fn();
  const stop = stack.subscribe(told);
  for (let n = 0; n < 50; n += 1) stack.push(`${n}`, () => Promise.resolve(0));
  stop();
  stack.clear();
  expect([told.mock.calls.length, stack.last]).toEqual([50, undefined]);
});
