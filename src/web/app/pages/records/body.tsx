// SPDX-License-Identifier: MIT
// The records themselves: covers or a table over one virtual list.
import { useCallback, useEffect, useLayoutEffect } from 'preact/hooks';
import { useText } from '../../i18n';
import { classes } from '../../ui/class';
import { TableHead } from './head';
import { useCollection, useList } from './hooks';
import { useClicks } from './clicks';
import { useMoves } from './moves';
import { TableRow, Tile, rowPlace } from './row';
import { isSelected } from './selection';
import { roomOf, useShape } from './shape';
import type { Sort } from './view';
import { Virtual } from './virtual';

/** Placeholders while it is not known how many there are. */
const UNKNOWN = 40;

interface Props {
  onSort: (sort: Sort) => void;
  /** The place where the keyboard's commands are heard asks for moves here. */
  moves: ReturnType<typeof useMoves>;
}

export function Body({ onSort, moves }: Props) {
  const { list } = useCollection();
  const { records: text } = useText();
  useList((now) => now.revision);
  const layout = useList((now) => now.view.layout);
  const sort = useList((now) => now.view.sort);
  const selection = useList((now) => now.selection);
  const selecting = useList((now) => now.selecting);
  const cursor = useList((now) => now.cursor);
  const { box, shape, width } = useShape(layout);
  const clicks = useClicks();
  const room = roomOf(width);
  const want = useCallback((first: number, last: number) => { list.want(first, last); }, [list]);
  const pages = list.shown?.pages;
  const count = pages?.total ?? UNKNOWN;
  moves.place(box, shape, count);

  useLayoutEffect(() => {
    box.current?.style.setProperty('--row-height', `${shape.rowHeight}px`);
    box.current?.style.setProperty('--columns', String(shape.columns));
    box.current?.style.setProperty('--gap', `${shape.gap}px`);
  }, [shape.rowHeight, shape.columns, shape.gap]);
  useLayoutEffect(() => { moves.settle(); });
  useEffect(() => moves.remember(), [moves]);

  const draw = (first: number, last: number) => {
    const active = cursor >= first && cursor <= last ? cursor : first;
    const item = (at: number) => {
      const record = pages?.get(at);
      const key = record?.id ?? at;
      const props = { record, at, ...(layout === 'table' ? { top: at * shape.rowHeight } : {}), current: at === active, selecting, text, room, selected: record !== undefined && isSelected(selection, record.id) };
      return layout === 'grid' ? <Tile key={key} {...props} /> : <TableRow key={key} {...props} />;
    };
    if (layout === 'table') return span(first, last).map(item);
    return span(first / shape.columns, Math.floor(last / shape.columns)).map((row) => (
      <div key={row} role="row" aria-rowindex={row + 1} style={{ top: `${row * shape.rowHeight}px` }} class={classes(rowPlace, 'grid grid-cols-[repeat(var(--columns),minmax(0,1fr))] gap-x-(--gap)')}>
        {span(row * shape.columns, Math.min(last, (row + 1) * shape.columns - 1)).map(item)}
      </div>
    ));
  };

  return (
    <div ref={box} role="grid" aria-label={text.list} aria-multiselectable="true" aria-busy={pages?.total == null}
      aria-rowcount={layout === 'table' ? count + 1 : Math.ceil(count / shape.columns)} class="min-w-0" data-layout={layout} {...clicks}>
      {layout === 'table' && <TableHead room={room} sort={sort} onSort={onSort} />}
      <div role="rowgroup">
        {width > 0 && <Virtual shape={shape} count={count} over={layout === 'grid' ? 1 : 6} draw={draw} want={want} />}
      </div>
    </div>
  );
}

function span(first: number, last: number): number[] {
  return last < first ? [] : Array.from({ length: last - first + 1 }, (_, n) => first + n);
}
