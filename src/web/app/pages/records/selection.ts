// SPDX-License-Identifier: MIT
// What is selected: some records by id, or all results but some.

export interface Selection {
  /** Set: everything that the view finds is selected, but `ids`. Else: `ids` are. */
  readonly all: boolean;
  readonly ids: ReadonlySet<string>;
  /** Where a range begins: the position that was selected last by itself. */
  readonly anchor: number | null;
}

export const NOTHING: Selection = { all: false, ids: new Set(), anchor: null };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.ids.has(id) !== selection.all;
}

/** How many are selected of `total` results. */
export function selectedCount(selection: Selection, total: number): number {
  return selection.all ? Math.max(0, total - selection.ids.size) : selection.ids.size;
}

export function isEmpty(selection: Selection): boolean {
  return !selection.all && selection.ids.size === 0;
}

export function toggle(selection: Selection, id: string, at: number): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { all: selection.all, ids, anchor: at };
}

/** Selects `ids` too: a range that began at the anchor, which stays. */
export function extend(selection: Selection, range: readonly string[]): Selection {
  const ids = new Set(selection.ids);
  for (const id of range) {
    if (selection.all) ids.delete(id);
    else ids.add(id);
  }
  return { ...selection, ids };
}

export function selectAll(): Selection {
  return { all: true, ids: new Set(), anchor: null };
}

/** The positions from the anchor to `at`, both included. */
export function rangeTo(selection: Selection, at: number): { first: number; last: number } {
  const from = selection.anchor ?? at;
  return { first: Math.min(from, at), last: Math.max(from, at) };
}

/** Forgets records that are gone. */
export function without(selection: Selection, gone: ReadonlySet<string>): Selection {
  return { ...selection, ids: new Set([...selection.ids].filter((id) => !gone.has(id))) };
}
