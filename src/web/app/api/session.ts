// SPDX-License-Identifier: MIT
// The session: the access token lives in memory only, the refresh token in a cookie that scripts cannot read.
// What happens around it (timers, other tabs, waking up) is in session/keeper.ts.
import { isFresh, renewIn, subjectOf, timesOf, type TokenTimes } from './renewal';
import { rememberUser, rememberedUser } from './remembered';
import { Problem, Unreachable, problemOf } from './problem';

export interface User { id: string; email: string; createdAt: string }

/**
 * `unknown` until the cookie was tried once; `away`: somebody is signed in here, but the server cannot be asked; `ended`:
 * the server ended the session of somebody who is at work, so the page stays as it is and asks for the password.
 */
export type SessionState = 'unknown' | 'in' | 'out' | 'away' | 'ended';

interface Session { state: SessionState; user: User | null }

const LOCK = 'recordd-session';
let token: string | null = null;
let times: TokenTimes | undefined;
let session: Session = beginning();
let atWork = false; // somebody may have begun something: they are not sent away
let renewing: Promise<boolean> | null = null;
const watchers = new Set<() => void>();

/** Who was signed in here when the page was left is believed to be until the server says otherwise. */
function beginning(): Session {
  const user = rememberedUser();
  return user ? { state: 'away', user } : { state: 'unknown', user: null };
}

export const accessToken = (): string | null => token;
export const currentSession = (): Session => session;

/** Calls back at each change; the answer ends it. */
export function watchSession(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function become(next: Session, nextToken: string | null): void {
  token = nextToken;
  times = nextToken ? timesOf(nextToken, Date.now()) : undefined;
  session = next;
  atWork = next.state === 'in' || next.state === 'ended';
  if (next.state !== 'away') rememberUser(next.state === 'in' ? next.user : null);
  for (const watcher of watchers) watcher();
}

/** Milliseconds until the token should be renewed; null without one. */
export const renewalDueIn = (): number | null => (times ? renewIn(times, Date.now(), Math.random()) : null);

const hasFreshToken = (): boolean => token !== null && (!times || isFresh(times, Date.now()));

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

/** Another tab's renewal, or log-in: its token serves here, too. */
export function takeSession(user: User, nextToken: string): void {
  become({ state: 'in', user }, nextToken);
}

/** The session is over: by the person's own will, or because the server says so. */
export function dropSession(state: 'out' | 'ended'): void {
  become({ state, user: state === 'ended' ? session.user : null }, null);
}

/** Only the server's own refusal ends a session; a server that is away does not. */
function failed(error: unknown): void {
  const refused = error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
  if (refused && session.state !== 'ended') dropSession(atWork ? 'ended' : 'out');
  else if (session.state === 'unknown') dropSession('out');
  else if (session.state === 'away') atWork = true;
}

/** The cookie may be somebody else's by now, set while this page was not there to hear of it. */
const userOf = async ({ token: fresh, user }: Pair): Promise<User> =>
  user ?? (session.user && session.user.id === subjectOf(fresh) ? session.user : whoIs(fresh));

async function renewOnce(): Promise<boolean> {
  try {
    const pair = await post('/api/auth/refresh', {});
    become({ state: 'in', user: await userOf(pair) }, pair.token);
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

/** One tab at a time renews. What another one got meanwhile is told by session/keeper.ts, just after it let go. */
async function renewAmongTabs(): Promise<boolean> {
  const before = token;
  const asked = Date.now();
  return navigator.locks.request(LOCK, async () => {
    // Only a page that begins, and has not had to stand in line, need not listen whether another tab was first.
    if (before || Date.now() - asked > 5) await new Promise((ready) => setTimeout(ready, 40));
    return token !== before && hasFreshToken() ? true : renewOnce();
  });
}

/** Spends the refresh cookie for a new pair. Many requests may find the token expired at once; one renewal serves them all. */
export function renewSession(): Promise<boolean> {
  if (session.state === 'out' || session.state === 'ended') return Promise.resolve(false);
  renewing ??= renewAmongTabs().finally(() => { renewing = null; });
  return renewing;
}

/** Before a request: a token that has run out, by sleep or while the server was away, is renewed first. */
export async function readyToAsk(): Promise<void> {
  if (session.state === 'away' || (session.state === 'in' && !hasFreshToken())) await renewSession();
}

/** Log-in, registration and first account alike: path and fields as the server's API has them. */
export async function beginSession(path: string, fields: Record<string, string>): Promise<void> {
  const pair = await post(path, fields);
  become({ state: 'in', user: pair.user ?? (await whoIs(pair.token)) }, pair.token);
}

const logOut = (bearer: string): Promise<Response> =>
  fetch('/api/auth/logout', { method: 'POST', headers: { authorization: `Bearer ${bearer}`, 'x-recordd-session': 'cookie' }, keepalive: true });

/** Signs out here. True when the server knows; else it is to be told as soon as it can be reached (finishSignOut). */
export async function endSession(): Promise<boolean> {
  const bearer = token;
  dropSession('out');
  if (!bearer) return false;
  return logOut(bearer).then((response) => response.ok, () => false);
}

/** Ends the session that the cookie still holds. True when there is none any more. */
export async function finishSignOut(): Promise<boolean> {
  try {
    const pair = await post('/api/auth/refresh', {});
    return (await logOut(pair.token)).ok;
  } catch (error) {
    return error instanceof Problem && error.status < 500 && error.status !== 429;
  }
}
