// SPDX-License-Identifier: MIT
// The view and the address, kept together: either may change first.
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import { useCollection } from './hooks';
import { keep, readKept } from './kept';
import type { Moves } from './moves';
import { type View, formatView, parseView } from './view';

/** The address follows what is typed when the typing rests (milliseconds); browsers refuse more than some changes a second. */
const REST = 400;

export interface ViewControl {
  /** Another view, as an entry of the history of its own. */
  show: (view: View) => void;
  /** The same view with another query, as it is typed. */
  type: (view: View) => void;
}

export function useView(moves: Moves): ViewControl {
  const { list } = useCollection();
  const search = useSearch();
  const [, navigate] = useLocation();
  const isKnown = useRef(list.shown !== null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  /** The address as it was written here last: hearing of that again is no news, somebody may have typed on since. */
  const written = useRef<string | null>(null);

  useLayoutEffect(() => {
    const view = parseView(search, readKept().layout);
    const address = formatView(view);
    if (address === written.current) return;
    written.current = null;
    clearTimeout(timer.current);
    if (list.shown !== null && address === formatView(list.view)) return;
    moves.restore();
    list.show(view);
  }, [search, list, moves]);

  useLayoutEffect(() => {
    moves.restore();
    if (isKnown.current) list.refresh();
    return () => {
      clearTimeout(timer.current);
      list.park();
    };
  }, [list, moves]);

  return useMemo(() => {
    const write = (view: View, replace: boolean) => {
      clearTimeout(timer.current);
      const query = formatView(view);
      const to = query === '' ? location.pathname : `${location.pathname}?${query}`;
      if (to === location.pathname + location.search) return;
      written.current = query;
      navigate(to, { replace });
    };
    return {
      show: (view) => {
        if (view.layout !== list.view.layout) {
          keep({ layout: view.layout });
          moves.hold();
        }
        list.show(view);
        write(view, false);
      },
      type: (view) => {
        const begins = parseView(location.search).q === '' && view.q !== '';
        list.show(view);
        if (begins) return write(view, false);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => { write(view, true); }, REST);
      },
    };
  }, [list, moves, navigate]);
}
