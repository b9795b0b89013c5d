// SPDX-License-Identifier: MIT
// A long list, of which only the pages that are looked at are loaded and only some are kept.

export interface Loaded<T> {
  readonly items: readonly T[];
  readonly total: number;
}

export type LoadPage<T> = (offset: number, limit: number, signal: AbortSignal) => Promise<Loaded<T>>;

export interface PagesOptions {
  /** Items of a page; the API gives 200 at most. */
  readonly pageSize: number;
  /** How many pages are kept. */
  readonly maxPages: number;
  /** How many are asked for at once. */
  readonly parallel: number;
  /** How long to wait until a page that failed is asked for again, in milliseconds, by the number of failures. */
  readonly delay: (failures: number, error: unknown) => number;
}

const USUAL: PagesOptions = {
  pageSize: 100,
  maxPages: 40,
  parallel: 3,
  delay: (failures) => Math.min(30_000, 1000 * 2 ** (failures - 1)),
};

interface PageState {
  /** Set while it is being loaded. */
  controller: AbortController | null;
  /** What is there must be loaded again. */
  stale: boolean;
  /** When it was wanted last, by the count of wants. */
  used: number;
}

interface Snapshot<T> {
  readonly items: Map<number, T>;
  readonly total: number | null;
}

/**
 * Items by their position in a list that lies on the server. `want` says which positions are in view; `get` gives what
 * is there. Everything that changes calls `onChange`.
 */
export class Pages<T extends { readonly id: string }> {
  total: number | null = null;
  error: unknown = null;

  private readonly options: PagesOptions;
  private items = new Map<number, T>();
  private pages = new Map<number, PageState>();
  private patches = new Map<string, Partial<T>>();
  private wanted: readonly [number, number] = [0, 0];
  private wants = 0;
  private failures = 0;
  private held = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private closed = false;

  constructor(
    private readonly load: LoadPage<T>,
    private readonly onChange: () => void,
    options: Partial<PagesOptions> = {},
  ) {
    this.options = { ...USUAL, ...options };
  }

  get(at: number): T | undefined {
    const item = this.items.get(at);
    const patch = item === undefined ? undefined : this.patches.get(item.id);
    return patch === undefined ? item : { ...item, ...patch } as T;
  }

  /** The position of an item that is loaded. */
  indexOf(id: string): number {
    for (const [at, item] of this.items) if (item.id === id) return at;
    return -1;
  }

  byId(id: string): T | undefined {
    const at = this.indexOf(id);
    return at < 0 ? undefined : this.get(at);
  }

  get size(): number {
    return this.items.size;
  }

  /** These positions are in view, `first` to `last`: what misses is loaded, what nobody wants any more is not. */
  want(first: number, last: number): void {
    const { pageSize } = this.options;
    this.wanted = [Math.floor(Math.max(0, first) / pageSize), Math.floor(Math.max(0, last) / pageSize)];
    this.wants += 1;
    this.pump();
  }

  /** Loads again what is in view, and the rest when it is; what is there stays until then. */
  refresh(): void {
    for (const page of this.pages.values()) {
      page.controller?.abort();
      page.controller = null;
      page.stale = true;
    }
    this.pump();
  }

  /** Tries again at once what failed. */
  retry(): void {
    this.clearTimer();
    this.error = null;
    this.pump();
  }

  /** Shows items with other values until `settle`. */
  patch(values: ReadonlyMap<string, Partial<T>>): void {
    for (const [id, value] of values) this.patches.set(id, { ...this.patches.get(id), ...value } as Partial<T>);
    this.onChange();
  }

  /** The truth about items that were patched; null: it is what it was. */
  settle(items: ReadonlyMap<string, T | null>): void {
    for (const id of items.keys()) this.patches.delete(id);
    for (const [at, { id }] of this.items) {
      const item = items.get(id);
      if (item !== undefined && item !== null) this.items.set(at, item);
    }
    this.onChange();
  }

  /**
   * Takes items out, those behind them move up. Nothing is loaded until the function that comes back is called, with
   * whether they are really gone; if not, all is as it was.
   */
  remove(ids: ReadonlySet<string>): (gone: boolean) => void {
    const before: Snapshot<T> = { items: this.items, total: this.total };
    this.held += 1;
    this.items = withoutIds(this.items, ids);
    if (this.total !== null) this.total = Math.max(0, this.total - ids.size);
    this.onChange();
    let done = false;
    return (gone) => {
      if (done) return;
      done = true;
      this.held -= 1;
      if (!gone) {
        this.items = before.items;
        this.total = before.total;
        this.onChange();
      }
      this.refresh();
    };
  }

  /** Nothing is loaded until it is wanted again. */
  park(): void {
    this.clearTimer();
    this.wanted = [0, -1];
    this.pump();
  }

  /** Nothing more is loaded or told. */
  close(): void {
    this.closed = true;
    this.clearTimer();
    for (const page of this.pages.values()) page.controller?.abort();
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private pump(): void {
    if (this.closed || this.held > 0 || this.timer !== null) return;
    const [first, last] = this.wanted;
    for (const [number, page] of this.pages) {
      if (page.controller === null || (number >= first && number <= last)) continue;
      page.controller.abort();
      page.controller = null;
      if (!this.holds(number)) this.pages.delete(number);
    }
    for (let number = first; number <= last; number += 1) this.consider(number);
    this.evict();
  }

  private consider(number: number): void {
    const page = this.pages.get(number);
    if (page !== undefined) page.used = this.wants;
    if (page !== undefined && (page.controller !== null || !page.stale)) return;
    if (this.total !== null && number > 0 && number * this.options.pageSize >= this.total) return;
    if (this.underWay() < this.options.parallel) this.start(number);
  }

  private underWay(): number {
    let count = 0;
    for (const page of this.pages.values()) if (page.controller !== null) count += 1;
    return count;
  }

  private start(number: number): void {
    const controller = new AbortController();
    const page = this.pages.get(number) ?? { controller: null, stale: true, used: this.wants };
    page.controller = controller;
    this.pages.set(number, page);
    const { pageSize } = this.options;
    this.load(number * pageSize, pageSize, controller.signal).then(
      (loaded) => { if (page.controller === controller && this.pages.get(number) === page) this.arrived(number, page, loaded); },
      (error: unknown) => { if (page.controller === controller && this.pages.get(number) === page) this.failed(number, page, error); },
    );
  }

  private arrived(number: number, page: PageState, loaded: Loaded<T>): void {
    if (this.closed) return;
    const from = number * this.options.pageSize;
    page.controller = null;
    page.stale = false;
    this.failures = 0;
    this.error = null;
    this.total = loaded.total;
    for (let at = 0; at < this.options.pageSize; at += 1) {
      const item = loaded.items[at];
      if (item === undefined) this.items.delete(from + at);
      else this.items.set(from + at, item);
    }
    this.onChange();
    this.pump();
  }

  private failed(number: number, page: PageState, error: unknown): void {
    if (this.closed) return;
    page.controller = null;
    if (!this.holds(number)) this.pages.delete(number);
    this.failures += 1;
    this.error = error;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.pump();
    }, this.options.delay(this.failures, error));
    this.onChange();
  }

  private holds(number: number): boolean {
    return this.items.has(number * this.options.pageSize);
  }

  private evict(): void {
    const kept = [...this.pages].filter(([, page]) => page.controller === null);
    const over = kept.length - this.options.maxPages;
    if (over <= 0) return;
    kept.sort(([, a], [, b]) => a.used - b.used);
    for (const [number] of kept.slice(0, over)) this.drop(number);
  }

  private drop(number: number): void {
    const from = number * this.options.pageSize;
    this.pages.delete(number);
    for (let at = from; at < from + this.options.pageSize; at += 1) this.items.delete(at);
  }
}

function withoutIds<T extends { readonly id: string }>(items: Map<number, T>, ids: ReadonlySet<string>): Map<number, T> {
  const left = new Map<number, T>();
  let gone = 0;
  for (const [at, item] of [...items].sort(([a], [b]) => a - b)) {
    if (ids.has(item.id)) gone += 1;
    else left.set(at - gone, item);
  }
  return left;
}
