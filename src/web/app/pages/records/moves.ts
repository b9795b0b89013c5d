// SPDX-License-Identifier: MIT
// Where the list is scrolled to, and how the keyboard moves in it: the focus goes along, wherever it has to be scrolled.
import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Collection } from './collection';
import { useCollection } from './hooks';
import { offsetFor, type Shape } from './window';

/** How long the page rests before its place is remembered (milliseconds). */
const REST = 150;

export class Moves {
  private box: RefObject<HTMLElement> | null = null;
  private shape: Shape = { columns: 1, rowHeight: 1 };
  private count = 0;
  /** The position whose link gets the focus as soon as it is drawn. */
  private wanted = -1;
  /** What had the focus when that was wished for. */
  private from: Element | null = null;
  /** The link that got the focus here last. */
  private focused: HTMLElement | null = null;
  /** Where the page is to be scrolled to as soon as that is drawn. */
  private scroll: number | null = null;
  /** The position that is to stay at the top. */
  private held: number | null = null;
  private shown: unknown = null;

  constructor(private readonly collection: Collection) {}

  place(box: RefObject<HTMLElement>, shape: Shape, count: number): void {
    Object.assign(this, { box, shape, count });
  }

  /** Before the list looks different: what is at its top stays there. */
  hold(): void {
    const above = this.inset() - this.rowsTop();
    this.held = above > 0 ? Math.round(above / this.shape.rowHeight) * this.shape.columns : null;
  }

  /** By so many items or rows from where the keyboard is, or from the first that is in view. */
  by(columns: number, rows: number): void {
    const { cursor } = this.collection.list;
    const from = cursor < 0 ? this.firstInView() : cursor + columns + rows * this.shape.columns;
    this.to(from);
  }

  to(at: number): void {
    if (this.count === 0) return;
    const next = Math.max(0, Math.min(this.count - 1, at));
    this.wish(next);
    this.collection.list.moveTo(next);
    this.reveal(next);
    this.settle();
  }

  /** After each drawing: the focus goes where it is wanted, the page to where it was. */
  settle(): void {
    this.settleScroll();
    this.settleHeld();
    // Whoever deletes the record that the keyboard is at goes on with the one that takes its place.
    const isLost = this.focused !== null && !this.focused.isConnected && document.activeElement === document.body;
    if (this.wanted < 0 && isLost) this.wish(this.collection.list.cursor);
    // The focus was moved elsewhere meanwhile: there it stays.
    if (document.activeElement !== this.from && document.activeElement !== document.body) this.wanted = -1;
    const link = this.linkAt(this.wanted);
    if (!link) return;
    this.wanted = -1;
    this.focused = link;
    link.focus({ preventScroll: true });
  }

  /** This entry of the history was there before: back to where it was scrolled to, once that is drawn. */
  restore(): void {
    const state = history.state as { scroll?: number } | null;
    this.scroll = state?.scroll ?? null;
  }

  /** Notes in the history where the page is, until the function that comes back is called. */
  remember(): () => void {
    const path = location.pathname;
    let timer: ReturnType<typeof setTimeout>;
    const note = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (location.pathname === path && this.scroll === null) history.replaceState({ ...(history.state as object | null), scroll: scrollY }, '');
      }, REST);
    };
    addEventListener('scroll', note, { passive: true });
    return () => {
      clearTimeout(timer);
      removeEventListener('scroll', note);
    };
  }

  /** Other results begin at their top, but for those one comes back to. */
  private settleScroll(): void {
    const { shown, isWaiting } = this.collection.list;
    if (shown?.pages.total == null || isWaiting) return;
    const isOther = this.shown !== null && this.shown !== shown;
    this.shown = shown;
    if (isOther) this.wanted = -1;
    const top = this.scroll ?? (isOther ? Math.min(scrollY, this.listTop()) : scrollY);
    this.scroll = null;
    if (Math.abs(scrollY - top) > 1) scrollTo(0, top);
  }

  private settleHeld(): void {
    if (this.held === null) return;
    const top = this.rowsTop() + scrollY - this.inset() + Math.floor(this.held / this.shape.columns) * this.shape.rowHeight;
    this.held = null;
    scrollTo(0, top);
  }

  private wish(at: number): void {
    this.wanted = at;
    this.from = document.activeElement;
  }

  private linkAt(at: number): HTMLElement | null {
    return at < 0 ? null : this.box?.current?.querySelector<HTMLElement>(`[data-at="${at}"] [data-open]`) ?? null;
  }

  private listTop(): number {
    const element = this.box?.current;
    return element ? Math.max(0, element.getBoundingClientRect().top + scrollY - this.inset()) : 0;
  }

  /** What lies over the top of the rows: the bar, and the head of the table. */
  private inset(): number {
    const over = document.querySelectorAll<HTMLElement>('[data-list-bar], [data-list-head]');
    return [...over].reduce((sum, element) => sum + element.offsetHeight, 0);
  }

  private rowsTop(): number {
    const rows = this.box?.current?.querySelector('[role=rowgroup]:last-child');
    return rows ? rows.getBoundingClientRect().top : 0;
  }

  private firstInView(): number {
    const above = Math.max(0, this.inset() - this.rowsTop());
    return Math.min(this.count - 1, Math.ceil(above / this.shape.rowHeight) * this.shape.columns);
  }

  private reveal(at: number): void {
    const offset = -this.rowsTop();
    const next = offsetFor(this.shape, at, offset, innerHeight - this.covered(), this.inset());
    if (next !== offset) scrollBy({ top: next - offset, behavior: 'instant' });
  }

  /** What lies over the bottom: a phone's navigation. */
  private covered(): number {
    const bar = document.querySelector('header');
    const box = bar?.getBoundingClientRect();
    return box && box.top > innerHeight / 2 ? innerHeight - box.top : 8;
  }
}

export function useMoves(): Moves {
  const collection = useCollection();
  return useMemo(() => new Moves(collection), [collection]);
}
