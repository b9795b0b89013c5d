// SPDX-License-Identifier: MIT
// Signing out leaves no draft behind. By itself, as it is part of the first load.
export const DRAFT_PREFIX = 'recordd.draft.';

export function forgetDrafts(store: Pick<Storage, 'key' | 'length' | 'removeItem'> = localStorage): void {
  try {
    const keys = Array.from({ length: store.length }, (_, i) => store.key(i) ?? '');
    for (const key of keys) if (key.startsWith(DRAFT_PREFIX)) store.removeItem(key);
  } catch {
    // a forbidden store has nothing to forget
  }
}
