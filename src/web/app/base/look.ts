// SPDX-License-Identifier: MIT
// How it looks here: theme, density, language and currency, kept in this browser and applied before the first paint
// (public/first.js reads the same key).

export interface Look {
  theme?: 'light' | 'dark' | null; // null: as the system has it
  density?: 'comfortable' | 'compact' | null;
  locale?: string | null;
  currency?: string | null; // ISO 4217
}

const key = 'recordd.look';
let look: Look = readLook();
const watchers = new Set<() => void>();

function readLook(): Look {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Look;
  } catch {
    return {};
  }
}

function setOrDrop(name: 'theme' | 'density', value: string | null | undefined): void {
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
}

function apply(): void {
  setOrDrop('theme', look.theme);
  setOrDrop('density', look.density);
  for (const watcher of watchers) watcher();
}

export const currentLook = (): Look => look;

export function watchLook(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function changeLook(change: Look): void {
  look = { ...look, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(look));
  } catch { /* it holds for this tab */ }
  apply();
}

// Another tab changed it.
addEventListener('storage', (event: StorageEvent) => {
  if (event.key === key) { look = readLook(); apply(); }
});
