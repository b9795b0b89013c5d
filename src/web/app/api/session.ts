// SPDX-License-Identifier: MIT
// The session: the access token lives in memory only, the refresh token in a cookie that scripts cannot read.
import { Problem, Unreachable, problemOf } from './problem';

export interface User { id: string; email: string; createdAt: string }

/** `unknown` until the cookie was tried once. */
export type SessionState = 'unknown' | 'in' | 'out';

interface Session { state: SessionState; user: User | null }

let token: string | null = null;
let session: Session = { state: 'unknown', user: null };
let renewing: Promise<boolean> | null = null;
const watchers = new Set<() => void>();

export const accessToken = (): string | null => token;
export const currentSession = (): Session => session;

/** Calls back at each change; the answer ends it. */
export function watchSession(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function become(next: Session, nextToken: string | null): void {
  token = nextToken;
  session = next;
  for (const watcher of watchers) watcher();
}

interface Pair { token: string; user?: User }

async function post(path: string, body: unknown): Promise<Pair> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-recordd-session': 'cookie' },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new Unreachable(error);
  }
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Pair;
}

async function whoIs(bearer: string): Promise<User> {
  const response = await fetch('/api/auth/me', { headers: { authorization: `Bearer ${bearer}` } });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as User;
}

async function renewOnce(): Promise<boolean> {
  try {
    const pair = await post('/api/auth/refresh', {});
    become({ state: 'in', user: pair.user ?? session.user ?? (await whoIs(pair.token)) }, pair.token);
    return true;
  } catch (error) {
    // Only the server's own refusal ends a session; a server that is away does not.
    if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) become({ state: 'out', user: null }, null);
    return false;
  }
}

/** Spends the refresh cookie for a new pair. Many requests may find the token expired at once; one renewal serves them all. */
export function renewSession(): Promise<boolean> {
  renewing ??= renewOnce().finally(() => { renewing = null; });
  return renewing;
}

/** Log-in, registration and first account alike: path and fields as the server's API has them. */
export async function beginSession(path: string, fields: Record<string, string>): Promise<void> {
  const pair = await post(path, fields);
  become({ state: 'in', user: pair.user ?? (await whoIs(pair.token)) }, pair.token);
}

export async function endSession(): Promise<void> {
  try {
    if (token) await fetch('/api/auth/logout', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  } finally {
    become({ state: 'out', user: null }, null);
  }
}
