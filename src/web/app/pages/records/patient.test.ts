// SPDX-License-Identifier: MIT
// A change of thousands gets through the rate limit, and gives up where waiting does not help.
import { expect, it, vi } from 'vitest';
import { patiently } from './patient';

const patience = { isPassing: (error: unknown) => (error as Error).message === 'busy', delay: () => 1 };
const never = new AbortController().signal;

it('asks again until it is answered', async () => {
  const ask = vi.fn().mockRejectedValueOnce(new Error('busy')).mockRejectedValueOnce(new Error('busy')).mockResolvedValueOnce('answer');
  expect(await patiently(ask, never, patience)).toBe('answer');
});

it('passes on what waiting does not mend, and does not wait forever', async () => {
  const wrong = vi.fn().mockRejectedValue(new Error('wrong'));
  await expect(patiently(wrong, never, patience)).rejects.toThrow('wrong');
  const busy = vi.fn().mockRejectedValue(new Error('busy'));
  await expect(patiently(busy, never, patience)).rejects.toThrow('busy');
  expect([wrong.mock.calls.length, busy.mock.calls.length]).toEqual([1, 8]);
});

it('ends at once when it is cancelled while it waits', async () => {
  const controller = new AbortController();
  const asking = patiently(() => Promise.reject(new Error('busy')), controller.signal, { ...patience, delay: () => 60_000 });
  setTimeout(() => { controller.abort(); }, 5);
  await expect(asking).rejects.toThrow();
});
