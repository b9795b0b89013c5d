// SPDX-License-Identifier: MIT
// How large rows and covers are here, following the width of the list and the density that was chosen.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { currentLook, watchLook } from '../../base/look';
import { useWatched } from '../../base/watch';
import { type Room, TILE_TEXT } from './row';
import type { Layout } from './view';
import { gridShape, type Shape } from './window';

/** From here on (pixels of the list's width) a table has columns; below, each record has two lines. */
const COLUMNS_FROM = 672;
const MORE_FROM = 896;
const ALL_FROM = 1152;
const ROW = { two: 60, comfortable: 48, compact: 36 };

export interface Measured extends Shape {
  readonly gap: number;
}

export const roomOf = (width: number): Room => (width < COLUMNS_FROM ? 0 : width < MORE_FROM ? 1 : width < ALL_FROM ? 2 : 3);

function tableShape(width: number): Measured {
  const dense = document.documentElement.dataset.density === 'compact';
  return { columns: 1, rowHeight: width < COLUMNS_FROM ? ROW.two : dense ? ROW.compact : ROW.comfortable, gap: 0 };
}

function coverShape(width: number): Measured {
  const narrow = width < COLUMNS_FROM;
  const dense = document.documentElement.dataset.density === 'compact';
  const gap = narrow ? 14 : 22;
  return { ...gridShape(width, narrow ? 140 : dense ? 120 : 148, gap, TILE_TEXT), gap };
}

/** The shape of the list inside `box`, measured before anything is painted. */
export function useShape(layout: Layout): { box: RefObject<HTMLDivElement>; shape: Measured; width: number } {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useWatched(watchLook, currentLook); // the density may be another one now
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => { setWidth(Math.round(element.clientWidth)); };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => { observer.disconnect(); };
  }, []);
  const shape = layout === 'grid' ? coverShape(width) : tableShape(width);
  return { box, shape, width };
}
