// SPDX-License-Identifier: MIT
// A page shows what the collection is, not what it was before somebody changed it elsewhere.
import { QueryClient } from '@tanstack/preact-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyEvents, readEvent, tellWatchers } from './events';
import { jobKey, jobsKey, type ImportJob } from './jobs';

describe('readEvent', () => {
  const read = (name: string, data: string) => readEvent({ name, data, id: '' });
  it('understands changes and jobs', () => {
    expect(read('changes', '{"version":7}')).toEqual({ kind: 'changes', version: 7 });
    expect(read('job', '{"id":"a","status":"done"}')).toEqual({ kind: 'job', job: { id: 'a', status: 'done' } });
  });
  it('leaves what it does not understand', () => {
    expect([read('changes', '{"version":"7"}'), read('changes', 'null'), read('job', '{"id":1}'), read('job', '{'), read('later', '{"version":1}')]).toEqual([null, null, null, null, null]);
  });
});

describe('applyEvents', () => {
  const made = { queries: new QueryClient(), stop: () => undefined as void };
  const stale = (...key: unknown[]) => made.queries.getQueryState(key)?.isInvalidated;
  beforeEach(() => {
    vi.useFakeTimers();
    made.queries = new QueryClient();
    made.queries.setQueryData(['records'], []);
    made.queries.setQueryData(['insights'], {});
    made.queries.setQueryData(['sessions'], []);
    made.queries.setQueryData(jobsKey, []);
    made.stop = applyEvents(made.queries);
  });
  afterEach(() => {
    made.stop();
    vi.useRealTimers();
  });

  it('has what is of the collection asked for anew, and nothing else', () => {
    tellWatchers({ kind: 'changes', version: 1 });
    tellWatchers({ kind: 'changes', version: 2 });
    expect([stale('records'), stale('insights'), stale('sessions'), stale('jobs')]).toEqual([true, true, false, false]);
  });

  it('asks once for what is told twice', () => {
    tellWatchers({ kind: 'changes', version: 5 });
    made.queries.setQueryData(['records'], []);
    tellWatchers({ kind: 'changes', version: 5 });
    tellWatchers({ kind: 'changes', version: 4 });
    vi.advanceTimersByTime(5000);
    expect(stale('records')).toBe(false);
  });

  it('looks again after a sleep, whatever the version', () => {
    tellWatchers({ kind: 'changes', version: 5 });
    made.queries.setQueryData(['records'], []);
    tellWatchers({ kind: 'changes', version: Infinity });
    expect(stale('records')).toBe(true);
    made.queries.setQueryData(['records'], []);
    vi.advanceTimersByTime(5000);
    tellWatchers({ kind: 'changes', version: 6 });
    expect(stale('records')).toBe(true);
  });

  it('keeps jobs as the server tells them, and the list of them when one begins or ends', () => {
    const job = { id: 'a', kind: 'import', status: 'running', updatedAt: '1', bytesDone: 1 } as ImportJob;
    tellWatchers({ kind: 'job', job });
    expect(made.queries.getQueryData(jobKey('a'))).toEqual(job);
    expect(stale('jobs')).toBe(true);
    made.queries.setQueryData(jobsKey, []);
    tellWatchers({ kind: 'job', job: { ...job, updatedAt: '2' } });
    expect(stale('jobs')).toBe(false);
    tellWatchers({ kind: 'job', job: { ...job, status: 'done', updatedAt: '3' } });
    expect(stale('jobs')).toBe(true);
  });
});
