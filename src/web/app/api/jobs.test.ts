// SPDX-License-Identifier: MIT
// What is told of a job later is never covered by what was told earlier.
import { describe, expect, it } from 'vitest';
import { laterOf, listedAs, type ImportJob } from './jobs';

const job = (change: Partial<ImportJob>): ImportJob => ({
  id: 'a', kind: 'import', status: 'running', undoable: false, undoneBy: null, error: null, createdAt: '', updatedAt: '2026-01-01T00:00:00.000Z', finishedAt: null,
  dryRun: false, format: null, onDuplicate: null, position: 0, rows: 0, added: 0, merged: 0, skipped: 0, failed: 0, bytesDone: 0, bytesTotal: 100, ...change,
});

describe('laterOf', () => {
  it('takes the later time, and with the same time what is further on', () => {
    const early = job({}), late = job({ updatedAt: '2026-01-01T00:00:01.000Z' }), further = job({ bytesDone: 50 });
    expect([laterOf(early, late), laterOf(late, early), laterOf(early, further), laterOf(further, early)]).toEqual([late, late, further, further]);
  });

  it('does not begin again what has ended', () => {
    const ended = job({ status: 'done' }), straggler = job({ updatedAt: '2026-02-01T00:00:00.000Z' });
    expect([laterOf(ended, straggler), laterOf(straggler, ended)]).toEqual([ended, ended]);
  });

  it('tells an undone import from one that was not', () => {
    const before = job({ status: 'done', undoable: true }), after = job({ status: 'done', undoneBy: 'b', updatedAt: '2026-02-01T00:00:00.000Z' });
    expect(laterOf(before, after)).toBe(after);
  });

  it('leaves another job alone', () => {
    const other = job({ id: 'b' });
    expect([laterOf(undefined, other), laterOf(job({ status: 'done' }), other)]).toEqual([other, other]);
  });
});

describe('listedAs', () => {
  it('brings one of the list up to date, and never back', () => {
    const list = [job({}), job({ id: 'b', status: 'done' })];
    const ended = job({ status: 'done', updatedAt: '2026-02-01T00:00:00.000Z' });
    expect(listedAs(list, ended)).toEqual([ended, list[1]]);
    expect(listedAs(list, job({ id: 'b' }))).toEqual(list);
    expect(listedAs(undefined, ended)).toBeUndefined();
  });
});
