// SPDX-License-Identifier: MIT
// The records behind a selection, most of which may never have been loaded.
import type { Find } from './list';
import type { Pages } from './pages';
import type { Selection } from './selection';
import type { View } from './view';

/** The API gives so many at once. */
const PAGE = 200;

export interface Sources<T extends { readonly id: string }> {
  readonly find: Find<T>;
  readonly get: (id: string, signal: AbortSignal) => Promise<T>;
}

export type Progress = (done: number, total: number) => void;

async function gatherAll<T extends { readonly id: string }>(
  but: ReadonlySet<string>, view: View, find: Find<T>, signal: AbortSignal, progress: Progress,
): Promise<readonly T[]> {
  const found = new Map<string, T>();
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    signal.throwIfAborted();
    const page = await find(view, offset, PAGE, signal);
    total = page.total;
    for (const item of page.items) if (!but.has(item.id)) found.set(item.id, item);
    progress(Math.min(total, offset + PAGE), total);
  }
  return [...found.values()];
}

/** Every record that is selected: from what is loaded, else from the server. */
export async function gather<T extends { readonly id: string }>(
  selection: Selection, view: View, pages: Pages<T> | undefined, sources: Sources<T>, signal: AbortSignal, progress: Progress,
): Promise<readonly T[]> {
  if (selection.all) return gatherAll(selection.ids, view, sources.find, signal, progress);
  const found: T[] = [];
  for (const id of selection.ids) {
    signal.throwIfAborted();
    found.push(pages?.byId(id) ?? await sources.get(id, signal));
    progress(found.length, selection.ids.size);
  }
  return found;
}

/** Their ids: of some, they are known already. */
export async function gatherIds<T extends { readonly id: string }>(
  selection: Selection, view: View, sources: Sources<T>, signal: AbortSignal, progress: Progress,
): Promise<readonly string[]> {
  if (!selection.all) return [...selection.ids];
  return (await gatherAll(selection.ids, view, sources.find, signal, progress)).map(({ id }) => id);
}

/** The ids at these positions, loaded or not: for a range that was selected past what was seen. */
export async function gatherRange<T extends { readonly id: string }>(
  first: number, last: number, view: View, pages: Pages<T> | undefined, sources: Sources<T>, signal: AbortSignal,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let at = first; at <= last;) {
    const known = pages?.get(at);
    if (known !== undefined) {
      ids.push(known.id);
      at += 1;
      continue;
    }
    const page = await sources.find(view, at, Math.min(PAGE, last - at + 1), signal);
    if (page.items.length === 0) break;
    ids.push(...page.items.map(({ id }) => id));
    at += page.items.length;
  }
  return ids;
}
