// SPDX-License-Identifier: MIT
// The rows in view of a list that the page scrolls, in a box as high as the whole list. Each row has a place of its own in
// it, so that those that stay in view are neither laid out nor painted again.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Shape, type Window, windowOf } from './window';

interface Props {
  shape: Shape;
  count: number;
  /** Rows that are drawn beyond what is seen, at either end. */
  over: number;
  draw: (first: number, last: number) => ComponentChildren;
  /** These are in view now, or will be soon. */
  want: (first: number, last: number) => void;
}

/** Whoever drags the scroll bar passes by thousands: nothing is asked for until they rest, for this long (milliseconds). */
const REST = 70;

const same = (a: Window, b: Window): boolean => a.first === b.first && a.last === b.last && a.height === b.height;

export function Virtual({ shape, count, over, draw, want }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(() => windowOf(shape, count, 0, innerHeight, over));
  const asked = useRef({ first: 0, want });
  asked.current.want = want;

  useLayoutEffect(() => {
    const look = () => {
      if (!box.current) return;
      const next = windowOf(shape, count, -box.current.getBoundingClientRect().top, innerHeight, over);
      setShown((now) => (same(now, next) ? now : next));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look, { passive: true });
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [shape.columns, shape.rowHeight, count, over]);

  useEffect(() => {
    const ask = () => {
      asked.current.first = shown.first;
      asked.current.want(shown.first, shown.last);
    };
    const isJump = Math.abs(shown.first - asked.current.first) > 2 * (shown.last - shown.first + 1);
    if (!isJump) return ask();
    const timer = setTimeout(ask, REST);
    return () => { clearTimeout(timer); };
  }, [shown, want]);

  return (
    <div ref={box} role="presentation" class="relative w-full" style={{ height: `${shown.height}px` }}>
      {draw(shown.first, shown.last)}
    </div>
  );
}
