// SPDX-License-Identifier: MIT
// Whether the server can be reached and does its work. Requests report what they saw; when something is wrong the
// server is asked again and again, with patience, until all is well.
import { retryIn } from './retry';

export type Weather = 'fair' | 'offline' | 'server' | 'database';

const SHOWN_AFTER_MS = 1200; // what passes sooner is nobody's concern
const PROBE_MS = 8000;

let weather: Weather = 'fair';
let shown: Weather = 'fair';
let attempt = 0;
let probing: ReturnType<typeof setTimeout> | undefined;
let showing: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();
const fairWatchers = new Set<() => void>();

/** What people are told: trouble after a moment, its end at once. */
export const currentWeather = (): Weather => shown;

export function watchWeather(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Calls back each time when trouble is over. */
export function onFairWeather(watcher: () => void): () => void {
  fairWatchers.add(watcher);
  return () => fairWatchers.delete(watcher);
}

function show(): void {
  clearTimeout(showing);
  showing = undefined;
  if (shown === weather) return;
  shown = weather;
  for (const watcher of watchers) watcher();
}

function turn(next: Weather): void {
  const was = weather;
  weather = next;
  if (next === 'fair') {
    clearTimeout(probing);
    probing = undefined;
    attempt = 0;
    show();
    if (was !== 'fair') for (const watcher of fairWatchers) watcher();
  } else if (next === 'offline' || shown !== 'fair') {
    show();
  } else {
    showing ??= setTimeout(show, SHOWN_AFTER_MS);
  }
}

/** What /readyz says of a server that is not ready. */
async function troubleOf(response: Response): Promise<Weather> {
  if (response.ok) return 'fair';
  const body: unknown = await response.json().catch(() => null);
  const checks = (body as { checks?: { database?: string; server?: string } } | null)?.checks;
  return checks?.database === 'away' && checks.server !== 'stopping' ? 'database' : 'server';
}

async function look(): Promise<Weather> {
  if (navigator.onLine === false) return 'offline';
  try {
    return await troubleOf(await fetch('/readyz', { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(PROBE_MS) }));
  } catch {
    return navigator.onLine ? 'server' : 'offline';
  }
}

function lookLater(): void {
  clearTimeout(probing);
  probing = setTimeout(() => void lookNow(), retryIn({ status: undefined, retryAfter: null }, attempt++, Date.now(), Math.random()));
}

/** Looks at once; also what "try again" does. True when all is well. */
export async function lookNow(): Promise<boolean> {
  const seen = await look();
  turn(seen);
  if (seen !== 'fair') lookLater();
  return seen === 'fair';
}

/** A request was answered with this status, or not at all. */
export function report(status: number | undefined): void {
  const bad = status === undefined || status === 502 || status === 503 || status === 504;
  if (!bad || probing) return;
  // Not every 503 is the server's state (a queue may be full): what it says of itself decides.
  if (status === undefined) turn(navigator.onLine ? 'server' : 'offline');
  probing = setTimeout(() => void lookNow(), 150);
}

/** Follows the device's own idea of its network; once, at the start. */
export function watchNetwork(): void {
  addEventListener('offline', () => { turn('offline'); lookLater(); });
  addEventListener('online', () => { attempt = 0; void lookNow(); });
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible' && weather !== 'fair') void lookNow(); });
  if (navigator.onLine === false) { turn('offline'); lookLater(); }
}
