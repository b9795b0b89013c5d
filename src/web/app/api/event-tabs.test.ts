// SPDX-License-Identifier: MIT
// However many tabs are open, the server has one connection, and every tab hears everything once.
import { describe, expect, it } from 'vitest';
import { shareAmongTabs } from './event-tabs';

interface Said { readonly kind: string; readonly n: number }

/** A browser: locks and channels that its tabs share. */
function fakeBrowser() {
  const waiting: (() => void)[] = [];
  let held = false;
  const channels: { onmessage: ((event: MessageEvent) => void) | null }[] = [];
  const locks = {
    request: async (_name: string, options: { signal: AbortSignal }, work: () => Promise<unknown>) => {
      if (held) {
        await new Promise<void>((resolve, reject) => {
          waiting.push(resolve);
          options.signal.addEventListener('abort', () => {
            waiting.splice(waiting.indexOf(resolve), 1);
            reject(new Error('aborted'));
          });
        });
      }
      held = true;
      try {
        return await work();
      } finally {
        held = false;
        waiting.shift()?.();
      }
    },
  } as unknown as LockManager;
  const channel = () => {
    const own: { onmessage: ((event: MessageEvent) => void) | null } = { onmessage: null };
    channels.push(own);
    return {
      get onmessage() { return own.onmessage as BroadcastChannel['onmessage']; },
      set onmessage(given) { own.onmessage = given as never; },
      postMessage: (data: unknown) => {
        for (const other of channels) if (other !== own) other.onmessage?.({ data } as MessageEvent);
      },
      close: () => void channels.splice(channels.indexOf(own), 1),
    };
  };
  return { locks, channel };
}

function openTab(browser: Partial<ReturnType<typeof fakeBrowser>>) {
  const heard: Said[] = [];
  const leads: { lastId: string; tell: (what: Said, lastId: string) => void }[] = [];
  const tab = new AbortController();
  const ended = shareAmongTabs<Said>(
    {
      name: 'test',
      locks: browser.locks,
      channel: browser.channel,
      heard: (what) => heard.push(what),
      lead: (lastId, tell, signal) => {
        leads.push({ lastId, tell });
        return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      },
    },
    tab.signal,
  );
  return { heard, leads, ended, close: () => tab.abort() };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const said = (n: number): Said => ({ kind: 'changes', n });

describe('shareAmongTabs', () => {
  it('has one tab lead, and all hear it', async () => {
    const browser = fakeBrowser();
    const tabs = [openTab(browser), openTab(browser), openTab(browser)];
    await settle();
    expect(tabs.map((tab) => tab.leads.length)).toEqual([1, 0, 0]);
    tabs[0]?.leads[0]?.tell(said(1), '1');
    expect(tabs.map((tab) => tab.heard)).toEqual([[said(1)], [said(1)], [said(1)]]);
  });

  it('has another tab go on behind the last event when the leading one is closed', async () => {
    const browser = fakeBrowser();
    const tabs = [openTab(browser), openTab(browser)];
    await settle();
    tabs[0]?.leads[0]?.tell(said(8), '8');
    tabs[0]?.close();
    await tabs[0]?.ended;
    await settle();
    expect(tabs[1]?.leads[0]?.lastId).toBe('8');
    tabs[1]?.leads[0]?.tell(said(9), '9');
    expect([tabs[0]?.heard, tabs[1]?.heard]).toEqual([[said(8)], [said(8), said(9)]]);
  });

  it('tells a tab that comes late what was said last', async () => {
    const browser = fakeBrowser();
    const first = openTab(browser);
    await settle();
    first.leads[0]?.tell({ kind: 'live', n: 1 }, '');
    first.leads[0]?.tell(said(1), '1');
    first.leads[0]?.tell(said(2), '2');
    const late = openTab(browser);
    await settle();
    expect(late.heard).toEqual([{ kind: 'live', n: 1 }, said(2)]);
  });

  it('lets go of a tab that waits', async () => {
    const browser = fakeBrowser();
    const tabs = [openTab(browser), openTab(browser)];
    await settle();
    tabs[1]?.close();
    await expect(tabs[1]?.ended).resolves.toBeUndefined();
    expect(tabs[1]?.leads).toEqual([]);
  });

  it('gives each tab its own connection where tabs cannot share', async () => {
    const tabs = [openTab({ locks: undefined, channel: undefined }), openTab({ locks: undefined, channel: undefined })];
    await settle();
    expect(tabs.map((tab) => tab.leads.length)).toEqual([1, 1]);
    tabs[0]?.leads[0]?.tell(said(1), '1');
    expect(tabs.map((tab) => tab.heard.length)).toEqual([1, 0]);
  });
});
