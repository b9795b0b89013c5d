// SPDX-License-Identifier: MIT
// What the pointer does in the list: a click opens, or selects while something is selected; Shift selects up to here;
// a long press of a finger begins to select.
import { useMemo } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import type { Collection } from './collection';
import { gatherRange } from './gather';
import { useCollection } from './hooks';
import { hrefOf } from './row';
import { extend, isSelected, rangeTo, toggle } from './selection';
import { findRecords, getRecord } from './source';

const LONG = 450; // milliseconds
const FAR = 10; // pixels: a finger that moves scrolls

/** The position that an event is about; -1: none. */
export function positionOf(target: EventTarget | null): number {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-at]') : null;
  return element ? Number(element.dataset.at) : -1;
}

export function toggleAt({ list }: Collection, at: number): void {
  const record = list.shown?.pages.get(at);
  if (record) list.select(toggle(list.selection, record.id, at));
}

/** Everything from the anchor to here, whether it was ever loaded or not. */
export async function selectTo({ list }: Collection, at: number): Promise<void> {
  const { shown } = list;
  const target = shown?.pages.get(at);
  if (!shown || !target) return;
  const { first, last } = rangeTo(list.selection, at);
  const anchored = list.selection.anchor === null ? { ...list.selection, anchor: at } : list.selection;
  const ids = await gatherRange(first, last, shown.view, shown.pages, { find: findRecords, get: getRecord }, new AbortController().signal);
  if (list.shown === shown) list.select(extend(anchored, ids));
}

export function useClicks() {
  const collection = useCollection();
  const [, navigate] = useLocation();
  return useMemo(() => {
    const { list } = collection;
    let press: { timer: ReturnType<typeof setTimeout>; x: number; y: number } | null = null;
    let held = false;
    const release = () => {
      if (press) clearTimeout(press.timer);
      press = null;
    };
    const onClick = (event: MouseEvent) => {
      const at = positionOf(event.target);
      const record = at < 0 ? undefined : list.shown?.pages.get(at);
      if (!record || event.button !== 0) return;
      if (held) { held = false; return event.preventDefault(); }
      const onCheck = (event.target as Element).closest('[data-check]') !== null;
      if (event.shiftKey) {
        event.preventDefault();
        return void selectTo(collection, at).catch(() => undefined);
      }
      if (event.metaKey || event.ctrlKey) return; // a new tab
      event.preventDefault();
      list.moveTo(at);
      if (onCheck || list.selecting) toggleAt(collection, at);
      else navigate(hrefOf(record));
    };
    const onPointerDown = (event: PointerEvent) => {
      held = false;
      const at = positionOf(event.target);
      if (event.pointerType !== 'touch' || at < 0) return;
      const timer = setTimeout(() => {
        held = true;
        press = null;
        const record = list.shown?.pages.get(at);
        if (record && !isSelected(list.selection, record.id)) toggleAt(collection, at);
      }, LONG);
      press = { timer, x: event.clientX, y: event.clientY };
    };
    const onPointerMove = (event: PointerEvent) => {
      if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > FAR) release();
    };
    const onContextMenu = (event: MouseEvent) => { if (held || press) event.preventDefault(); };
    // A range of rows is selected, not their text.
    const onMouseDown = (event: MouseEvent) => { if (event.shiftKey) event.preventDefault(); };
    return { onClick, onPointerDown, onPointerMove, onPointerUp: release, onPointerCancel: release, onContextMenu, onMouseDown };
  }, [collection, navigate]);
}
