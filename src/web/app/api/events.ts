// SPDX-License-Identifier: MIT
// What the server tells by itself: that the collection changed, and how a job is getting on. One connection for all tabs.
import type { QueryClient } from '@tanstack/preact-query';
import { request } from './client';
import { shareAmongTabs } from './event-tabs';
import { runStream } from './event-stream';
import { gathered } from './gather';
import { isOver, jobKey, jobsKey, laterOf, listedAs, type Job } from './jobs';
import { currentSession, watchSession } from './session';
import type { ServerEvent } from './sse';

export type AppEvent =
  | { readonly kind: 'changes'; readonly version: number }
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'live'; readonly live: boolean };

type Watcher = (event: AppEvent) => void;

/** How often at most a changed collection has the pages ask anew. */
const PAUSE = 1000;
/** Beginnings of query keys that no change of the collection touches. */
const STEADY: ReadonlySet<unknown> = new Set(['jobs', 'account', 'sessions', 'tokens', 'preferences', 'server', 'shared']);

const watchers = new Set<Watcher>();
let live = false;

/** Whether events arrive; where they do not, a page that waits for something has to ask now and then. */
export const eventsAreLive = (): boolean => live;

/** Calls back at each event; the answer ends it. */
export function watchEvents(watcher: Watcher): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** As if the server had told it. */
export function tellWatchers(event: AppEvent): void {
  if (event.kind === 'live') live = event.live;
  for (const watcher of watchers) watcher(event);
}

/** What the server sent, understood; null for what is not known here (a newer server's) or is broken. */
export function readEvent({ name, data }: ServerEvent): AppEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  if (name === 'changes' && 'version' in value && typeof value.version === 'number') return { kind: 'changes', version: value.version };
  if (name === 'job' && 'id' in value && typeof value.id === 'string' && 'status' in value) return { kind: 'job', job: value as Job };
  return null;
}

function lead(lastId: string, tell: (event: AppEvent, lastId: string) => void, signal: AbortSignal): Promise<string> {
  let at = lastId;
  return runStream(
    {
      open: (from, connection) =>
        request('GET', '/api/events', { signal: connection, headers: { accept: 'text/event-stream', ...(from ? { 'last-event-id': from } : {}) } }),
      event: (raw) => {
        at = raw.id;
        const event = readEvent(raw);
        if (event) tell(event, at);
      },
      state: (state) => tell({ kind: 'live', live: state === 'live' }, at),
    },
    signal,
    lastId,
  );
}

/**
 * Takes part for the user who is signed in, as long as there is one. A page that the browser freezes or keeps for the
 * back button lets go of the connection, so that another tab can have it and the page can be kept.
 */
export function followEvents(): () => void {
  let running: AbortController | null = null;
  let user: string | null = null;
  let asleep = false;

  const settle = (): void => {
    const wanted = asleep ? null : (currentSession().user?.id ?? null);
    if (wanted === user) return;
    running?.abort();
    running = null;
    user = wanted;
    if (!wanted) return tellWatchers({ kind: 'live', live: false });
    running = new AbortController();
    shareAmongTabs({ name: `recordd.events.${wanted}`, lead, heard: tellWatchers }, running.signal).catch(() => tellWatchers({ kind: 'live', live: false }));
  };
  const sleep = (): void => {
    asleep = true;
    settle();
  };
  const wake = (): void => {
    if (!asleep) return;
    asleep = false;
    settle();
    tellWatchers({ kind: 'changes', version: Infinity }); // whatever happened meanwhile
  };
  const ends = [
    watchSession(settle),
    on(window, 'pagehide', sleep),
    on(window, 'pageshow', wake),
    on(document, 'freeze', sleep),
    on(document, 'resume', wake),
  ];
  settle();
  return () => {
    for (const end of ends) end();
    running?.abort();
  };
}

function on(target: EventTarget, name: string, listener: () => void): () => void {
  target.addEventListener(name, listener);
  return () => target.removeEventListener(name, listener);
}

const isSeen = (): boolean => typeof document === 'undefined' || document.visibilityState === 'visible';

/**
 * What follows from events: what is shown of the collection is asked for anew, and jobs are what the server says they
 * are. The first telling of a version only says where the collection is; what was asked before it counts as old.
 */
export function applyEvents(queries: QueryClient): () => void {
  let newest: number | null = null;
  const ofCollection = { predicate: (query: { queryKey: readonly unknown[] }) => !STEADY.has(query.queryKey[0]) };
  const renew = gathered(() => {
    if (queries.isMutating() > 0) return void setTimeout(renew, PAUSE / 4); // its own answer comes first
    // A tab that nobody looks at asks when somebody does.
    void queries.invalidateQueries({ ...ofCollection, refetchType: isSeen() ? 'active' : 'none' });
  }, PAUSE);

  const stop = watchEvents((event) => {
    if (event.kind === 'changes') {
      if (newest === null) void queries.invalidateQueries({ ...ofCollection, refetchType: 'none' });
      else if (event.version > newest) renew();
      if (Number.isFinite(event.version)) newest = Math.max(newest ?? 0, event.version);
    } else if (event.kind === 'job') {
      const before = queries.getQueryData<Job>(jobKey(event.job.id));
      const job = laterOf(before, event.job);
      queries.setQueryData(jobKey(job.id), job);
      queries.setQueryData<Job[]>(jobsKey, (list) => listedAs(list, job));
      if (!before || isOver(job) !== isOver(before)) void queries.invalidateQueries({ queryKey: jobsKey, exact: true });
    }
  });
  return () => {
    stop();
    renew.cancel();
  };
}
