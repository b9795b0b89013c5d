// SPDX-License-Identifier: MIT
// Views with a name, kept in this browser.

export interface SavedView {
  readonly name: string;
  /** The view's address, as formatView makes it. */
  readonly search: string;
}

/** What is needed of localStorage. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = 'recordd.views';
const MOST = 50;
const MAX_NAME = 60;
const MAX_SEARCH = 8000;

function isSavedView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const { name, search } = value as Record<string, unknown>;
  return typeof name === 'string' && name !== '' && name.length <= MAX_NAME && typeof search === 'string' && search.length <= MAX_SEARCH;
}

/** What is stored; nothing when it cannot be read. */
export function readViews(store: Store, user: string): readonly SavedView[] {
  try {
    const value: unknown = JSON.parse(store.getItem(`${KEY}.${user}`) ?? '[]');
    return Array.isArray(value) ? value.filter(isSavedView).slice(0, MOST).map(({ name, search }) => ({ name, search })) : [];
  } catch {
    return [];
  }
}

/** False: the browser keeps nothing. */
export function writeViews(store: Store, user: string, views: readonly SavedView[]): boolean {
  try {
    store.setItem(`${KEY}.${user}`, JSON.stringify(views.slice(0, MOST)));
    return true;
  } catch {
    return false;
  }
}

/** Adds a view, in the place of the one of the same name. */
export function withView(views: readonly SavedView[], view: SavedView): readonly SavedView[] {
  const name = view.name.trim().slice(0, MAX_NAME);
  if (name === '') return views;
  const next = { name, search: view.search };
  const at = views.findIndex((each) => each.name.toLocaleLowerCase() === name.toLocaleLowerCase());
  return at < 0 ? [...views, next].slice(-MOST) : views.map((each, index) => (index === at ? next : each));
}

export function withoutView(views: readonly SavedView[], name: string): readonly SavedView[] {
  return views.filter((view) => view.name !== name);
}
