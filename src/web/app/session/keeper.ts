// SPDX-License-Identifier: MIT
// Keeps the session going: renews it in time, tells the other tabs, looks again when the page wakes up.
import { queries } from '../api/queries';
import {
  accessToken, currentSession, dropSession, endSession, finishSignOut, renewalDueIn, renewSession, takeSession, watchSession,
  type User,
} from '../api/session';
import { dropCopy } from '../offline/client';
import { forgetDrafts } from '../pages/record/model/forget-drafts';
import { owesSignOut, rememberedUser, setOwesSignOut } from '../api/remembered';
import { onFairWeather } from '../api/weather';

type Told = { type: 'in'; user: User; token: string } | { type: 'out' };

const tabs = new BroadcastChannel('recordd-session');
const AGAIN_MS = 15_000;
let timer: ReturnType<typeof setTimeout> | undefined;
let told: string | null = null; // the token that the other tabs know
let userHere: string | null = rememberedUser()?.id ?? null;

function wait(): void {
  clearTimeout(timer);
  const due = renewalDueIn();
  if (due === null) return;
  timer = setTimeout(() => void renewSession().then((renewed) => { if (!renewed) timer = setTimeout(wait, AGAIN_MS); }), due);
}

/** Nothing of one person's collection stays for the next. */
function forgetAll(): void {
  queries.clear();
  void dropCopy();
}

function changed(): void {
  const { state, user } = currentSession();
  const token = accessToken();
  wait();
  if (state === 'in' && user) {
    if (userHere && userHere !== user.id) forgetAll();
    userHere = user.id;
    setOwesSignOut(false); // a new cookie took the old one's place
    if (token && token !== told) tabs.postMessage({ type: 'in', user, token: (told = token) } satisfies Told);
  } else if (state === 'out' || state === 'ended') {
    // Where the session ended under somebody's hands, the page keeps what is on it until they have signed in again.
    if (state === 'out') forgetAll();
    else void dropCopy();
    if (state === 'out') userHere = null;
    told = null;
  }
}

function heard({ data }: MessageEvent<Told>): void {
  const { state, user } = currentSession();
  if (data.type === 'out') {
    if (state !== 'out') dropSession('out');
    return;
  }
  if (user && user.id !== data.user.id) return location.reload(); // somebody else signed in in another tab
  told = data.token;
  takeSession(data.user, data.token);
}

/** The page was asleep, in the background or in the back/forward cache: what it believes may be long over. */
function look(): void {
  const { state, user } = currentSession();
  const here = rememberedUser();
  if (state === 'in' && user && (!here || here.id !== user.id)) return location.reload();
  if (state === 'out' && here) return location.reload();
  if (state === 'away' || (state === 'in' && renewalDueIn() === 0)) void renewSession();
  else wait();
}

async function payDebt(): Promise<void> {
  if (owesSignOut() && (await finishSignOut())) setOwesSignOut(false);
}

/** Signs out in all tabs, at once, whatever the network does. */
export async function signOut(): Promise<void> {
  tabs.postMessage({ type: 'out' } satisfies Told);
  const ending = endSession();
  forgetDrafts();
  setOwesSignOut(!(await ending));
}

/** Begins to keep it; once, at the start. Ends when it is known who is there, or that nobody can tell. */
export async function keepSession(): Promise<void> {
  watchSession(changed);
  tabs.onmessage = heard;
  window.addEventListener('pageshow', (event) => { if (event.persisted) look(); });
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') look(); });
  onFairWeather(() => { void payDebt().then(look); });
  await payDebt();
  if (owesSignOut()) dropSession('out');
  else await renewSession();
}
