// SPDX-License-Identifier: MIT
// The offline copy's own thread: reading pages, indexing and searching 110,000 records never hold up the page.
import { ReadingBroke } from './changes';
import { Copy } from './copy';
import type { CopyState, CopyTrouble, FromWorker, ToWorker } from './protocol';
import { retryIn } from '../api/retry';

const LOCK = 'recordd-offline';
const others = new BroadcastChannel(LOCK);

let copy: Copy | undefined;
let opening: Promise<void> | undefined;
let token = '';
let refreshing = false;
let wanted = false; // something changed while changes were being read
let trouble: CopyTrouble = null;
let again: ReturnType<typeof setTimeout> | undefined;
let attempt = 0;

const say = (message: FromWorker): void => self.postMessage(message);

function stateNow(): CopyState {
  return {
    ready: copy !== undefined,
    refreshing,
    count: copy?.shelf.count ?? 0,
    refreshedAt: copy?.refreshedAt ?? null,
    trouble: copy?.full ? 'full' : trouble,
  };
}

const tell = (): void => say({ type: 'state', state: stateNow() });

async function open(user: string): Promise<void> {
  copy = await Copy.open(user);
  tell();
}

const ask = (address: string): Promise<Response> =>
  fetch(address, { headers: { authorization: `Bearer ${token}` }, credentials: 'omit' });

function troubleOf(error: ReadingBroke): CopyTrouble {
  if (error.status === undefined) return 'unreachable';
  return error.status >= 500 || error.status === 429 ? 'away' : 'refused';
}

/** What passes is tried again after a while; a token that is not taken any more is asked for. */
function broke(error: unknown): void {
  if (error instanceof DOMException && error.name === 'InvalidStateError') return; // deleted in another tab: somebody signed out
  if (!(error instanceof ReadingBroke)) throw error;
  if (error.status === 401) return say({ type: 'tokenNeeded' });
  trouble = troubleOf(error);
  const wait = retryIn(error, attempt++, Date.now(), Math.random());
  if (wait !== undefined) again = setTimeout(() => void refresh(), wait);
}

/** One tab at a time reads; the others take over what it wrote. */
async function refresh(): Promise<void> {
  await opening;
  clearTimeout(again);
  wanted = refreshing;
  if (!copy || refreshing) return;
  const mine = copy;
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    refreshing = true;
    tell();
    try {
      await mine.follow();
      await mine.refresh(ask, tell);
      trouble = null;
      attempt = 0;
      others.postMessage('read');
    } catch (error) {
      broke(error);
    } finally {
      refreshing = false;
      tell();
    }
  });
  if (wanted) await refresh();
}

others.onmessage = () => {
  if (!refreshing) opening?.then(() => copy?.follow()).then(tell, broke);
};

self.onmessage = async (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  switch (message.type) {
    case 'open':
      opening = open(message.user);
      return;
    case 'refresh':
      token = message.token;
      await refresh();
      return;
    case 'search':
      await opening;
      say({
        type: 'found',
        id: message.id,
        found: copy?.shelf.search(message.query, message.limit) ?? { records: [], total: 0 },
      });
      return;
    case 'barcode':
      await opening;
      say({ type: 'barcodes', id: message.id, records: copy?.shelf.withBarcode(message.code) ?? [] });
      return;
    case 'close':
      copy?.close();
      self.close();
  }
};
