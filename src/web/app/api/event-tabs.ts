// SPDX-License-Identifier: MIT
// One connection for all tabs of a browser: the tab that holds the lock has it and tells the others what it hears.

/** What the tabs tell each other. */
export type TabMessage<T> = { readonly kind: 'said'; readonly what: T; readonly lastId: string } | { readonly kind: 'hello' };

export interface TabSettings<T> {
  /** Tabs with the same name share; it must name the user. */
  readonly name: string;
  /** The work of the tab that leads: until `signal` is aborted. `tell` reaches this tab and the others. */
  readonly lead: (lastId: string, tell: (what: T, lastId: string) => void, signal: AbortSignal) => Promise<unknown>;
  readonly heard: (what: T) => void;
  readonly locks?: Pick<LockManager, 'request'> | undefined;
  readonly channel?: ((name: string) => Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>) | undefined;
}

const shared = {
  locks: () => (typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined)),
  channel: () => (typeof BroadcastChannel === 'undefined' ? undefined : (name: string) => new BroadcastChannel(name)),
};

/**
 * Takes part until `signal` is aborted. Where locks or channels are missing, each tab has a connection of its own.
 * What was told last is repeated to a tab that comes in later.
 */
export async function shareAmongTabs<T>(settings: TabSettings<T>, signal: AbortSignal): Promise<void> {
  const locks = 'locks' in settings ? settings.locks : shared.locks();
  const channelOf = 'channel' in settings ? settings.channel : shared.channel();
  let lastId = '';
  let leads = false;
  const last = new Map<string, TabMessage<T>>();

  if (!locks || !channelOf) {
    await settings.lead('', (what) => settings.heard(what), signal);
    return;
  }
  const channel = channelOf(settings.name);
  channel.onmessage = ({ data }: MessageEvent<TabMessage<T>>) => {
    if (data.kind === 'said') {
      lastId = data.lastId;
      settings.heard(data.what);
    } else if (leads) {
      for (const message of last.values()) channel.postMessage(message);
    }
  };
  const tell = (what: T, id: string): void => {
    const message: TabMessage<T> = { kind: 'said', what, lastId: id };
    last.set(kindOf(what), message);
    channel.postMessage(message);
    settings.heard(what);
  };
  channel.postMessage({ kind: 'hello' } satisfies TabMessage<T>);
  try {
    await locks.request(settings.name, { signal }, async () => {
      leads = true;
      await settings.lead(lastId, tell, signal);
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    channel.close();
  }
}

/** Of each kind of message, the last one is repeated to newcomers. */
function kindOf(what: unknown): string {
  return typeof what === 'object' && what !== null && 'kind' in what ? String(what.kind) : '';
}
