// SPDX-License-Identifier: MIT
// The page's side of the offline copy: starts its worker, tells it when to refresh, asks it.
import { watchEvents } from '../api/events';
import { accessToken, currentSession, renewSession, watchSession } from '../api/session';
import { onFairWeather } from '../api/weather';
import type { KeptRecord } from './kept';
import type { CopyState, FromWorker, ToWorker } from './protocol';
import type { Found } from './shelf';
import { deleteCopy } from './store';
import { keepsCopy } from './wish';

const REFRESH_MS = 5 * 60_000;
const GATHER_MS = 2000; // so long may changes come before they are read
const nothing: CopyState = { ready: false, refreshing: false, count: 0, refreshedAt: null, trouble: null };

let worker: Worker | null = null;
let openFor: string | null = null;
let state: CopyState = nothing;
let lastAsked = 0;
let questions = 0;
const waiting = new Map<number, (message: FromWorker) => void>();
const watchers = new Set<() => void>();

export const copyState = (): CopyState => state;

export function watchCopy(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function become(next: CopyState): void {
  state = next;
  for (const watcher of watchers) watcher();
}

const say = (message: ToWorker): void => worker?.postMessage(message);

function heard(message: FromWorker): void {
  switch (message.type) {
    case 'state':
      return become(message.state);
    case 'tokenNeeded':
      void renewSession().then((renewed) => { if (renewed) refreshCopy(); });
      return;
    default:
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
  }
}

/** Opens the copy of whoever is signed in, though the server may be away. */
export function openCopy(): void {
  const user = currentSession().user;
  if (!user || openFor === user.id) return;
  closeCopy();
  openFor = user.id;
  worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'offline' });
  worker.onmessage = (event: MessageEvent<FromWorker>) => heard(event.data);
  say({ type: 'open', user: user.id });
  refreshCopy();
}

function closeCopy(): void {
  say({ type: 'close' });
  worker = null;
  openFor = null;
  lastAsked = 0;
  waiting.clear();
  become(nothing);
}

/** Reads what changed, if the server can be asked. */
export function refreshCopy(): void {
  const token = accessToken();
  if (!token || !worker) return;
  lastAsked = Date.now();
  say({ type: 'refresh', token });
}

/** Ends the copy here and deletes it from the disk. */
export async function dropCopy(): Promise<void> {
  worker?.terminate();
  worker = null;
  closeCopy();
  await deleteCopy();
}

function ask<T>(make: (id: number) => ToWorker, read: (message: FromWorker) => T): Promise<T> {
  openCopy();
  const id = ++questions;
  return new Promise((resolve, reject) => {
    if (!worker) return reject(new Error('nobody is signed in'));
    waiting.set(id, (message) => resolve(read(message)));
    say(make(id));
  });
}

export const searchCopy = (query: string, limit: number): Promise<Found> =>
  ask((id) => ({ type: 'search', id, query, limit }), (message) => (message.type === 'found' ? message.found : { records: [], total: 0 }));

export const findBarcode = (code: string): Promise<KeptRecord[]> =>
  ask((id) => ({ type: 'barcode', id, code }), (message) => (message.type === 'barcodes' ? message.records : []));

const refreshIfOld = (): void => {
  if (document.visibilityState === 'visible' && Date.now() - lastAsked > REFRESH_MS) refreshCopy();
};

function sessionChanged(): void {
  const { state: now } = currentSession();
  if ((now === 'in' || now === 'away') && keepsCopy()) openCopy();
  if (now === 'in' && worker && !lastAsked) refreshCopy(); // it was opened before anybody knew whether the session goes on
}

let gathering: ReturnType<typeof setTimeout> | undefined;

function collectionChanged(): void {
  gathering ??= setTimeout(() => { gathering = undefined; refreshCopy(); }, GATHER_MS);
}

/** Keeps the copy up to date where it is wished for; once, at the start. */
export function keepCopy(): void {
  watchSession(sessionChanged);
  onFairWeather(refreshCopy);
  watchEvents((event) => { if (event.kind === 'changes' && worker) collectionChanged(); });
  document.addEventListener('visibilitychange', refreshIfOld);
  setInterval(refreshIfOld, REFRESH_MS);
  sessionChanged();
}
