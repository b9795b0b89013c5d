// SPDX-License-Identifier: MIT
// The list of records behind the page: which view is shown, which is awaited, and what is selected.
import { Pages, type Loaded, type PagesOptions } from './pages';
import { NOTHING, isEmpty, type Selection } from './selection';
import { EMPTY_VIEW, queryKey, type View } from './view';

export interface Found<T> extends Loaded<T> {
  /** What was searched for instead of what was typed. */
  readonly corrected: string | null;
}

export type Find<T> = (view: View, offset: number, limit: number, signal: AbortSignal) => Promise<Found<T>>;

/** The results of one query. */
export interface Results<T extends { readonly id: string }> {
  readonly key: string;
  readonly view: View;
  readonly pages: Pages<T>;
  corrected: string | null;
  /** How far it was scrolled. */
  offset: number;
}

/** Former results that are kept for going back. */
const FORMER = 4;

/**
 * What is shown stays until the results of the next view are there: then it is replaced at once, so that nothing
 * flickers while somebody types. The request for a view that nobody wants any more is aborted.
 */
export class RecordList<T extends { readonly id: string }> {
  view: View = EMPTY_VIEW;
  shown: Results<T> | null = null;
  selection: Selection = NOTHING;
  /** The position that the keyboard is at. */
  cursor = -1;
  /** Whether a click selects instead of opening, with nothing selected yet. */
  selecting = false;
  /** Grows with every change of what is drawn. */
  revision = 0;

  private awaited: Results<T> | null = null;
  private former: Results<T>[] = [];
  private listeners = new Set<() => void>();
  private screen = 60;

  constructor(
    private readonly find: Find<T>,
    private readonly options: Partial<PagesOptions> = {},
  ) {}

  /** Whether something else is shown than what is wanted. */
  get isWaiting(): boolean {
    return this.awaited !== null;
  }

  /** Why what is wanted cannot be shown, or not all of it. */
  get error(): unknown {
    return (this.awaited ?? this.shown)?.pages.error ?? null;
  }

  show(view: View): void {
    const key = queryKey(view);
    this.view = view;
    if (key === this.awaited?.key) return this.tell();
    this.awaited?.pages.close();
    this.awaited = null;
    if (key !== this.shown?.key) this.begin(key, view);
    this.tell();
  }

  /** These are in view. */
  want(first: number, last: number): void {
    this.screen = Math.max(20, last - first + 1);
    this.shown?.pages.want(first, last);
  }

  select(selection: Selection): void {
    this.selection = selection;
    this.selecting = !isEmpty(selection);
    this.tell();
  }

  beginSelecting(): void {
    this.selecting = true;
    this.tell();
  }

  moveTo(cursor: number): void {
    this.cursor = cursor;
    this.tell();
  }

  /** The collection has changed: what is shown is loaded again, in place. */
  refresh(): void {
    this.drop();
    this.shown?.pages.refresh();
    this.awaited?.pages.refresh();
  }

  retry(): void {
    this.shown?.pages.retry();
    this.awaited?.pages.retry();
  }

  /** Nothing is loaded until it is shown again. */
  park(): void {
    this.shown?.pages.park();
    this.awaited?.pages.close();
    this.awaited = null;
  }

  /** For good. */
  close(): void {
    this.drop();
    this.shown?.pages.close();
    this.awaited?.pages.close();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  private begin(key: string, view: View): void {
    const known = this.former.find((each) => each.key === key);
    if (known !== undefined) {
      this.former = this.former.filter((each) => each !== known);
      this.replace(known);
      return;
    }
    const results: Results<T> = { key, view, corrected: null, offset: 0, pages: this.pagesOf(view, () => results) };
    if (this.shown === null) this.shown = results;
    else this.awaited = results;
    results.pages.want(0, this.screen - 1);
  }

  private pagesOf(view: View, results: () => Results<T>): Pages<T> {
    const load = async (offset: number, limit: number, signal: AbortSignal): Promise<Found<T>> => {
      const found = await this.find(view, offset, limit, signal);
      results().corrected = found.corrected;
      return found;
    };
    return new Pages(load, () => { this.changed(results()); }, this.options);
  }

  private changed(results: Results<T>): void {
    if (results === this.awaited && results.pages.total !== null) {
      this.awaited = null;
      this.replace(results);
    }
    if (results === this.shown) this.revision += 1;
    if (results === this.shown || results === this.awaited) this.tell();
  }

  private replace(results: Results<T>): void {
    if (this.shown !== null) {
      this.shown.pages.park();
      this.former = [...this.former, this.shown].slice(-FORMER);
    }
    this.shown = results;
    this.revision += 1;
    this.selection = NOTHING;
    this.selecting = false;
    this.cursor = -1;
  }

  private drop(): void {
    for (const each of this.former) each.pages.close();
    this.former = [];
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
