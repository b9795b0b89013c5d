// SPDX-License-Identifier: MIT
// What a record looks like in the list: a row of the table, or a cover with its words.
import { Component, type ComponentChildren } from 'preact';
import type { VinylRecord } from '../../api/types';
import type { Messages } from '../../i18n';
import { date, money } from '../../i18n/format';
import { classes } from '../../ui/class';
import { Cover } from '../../ui/cover';
import { Icon } from '../../ui/icon';

export interface ItemProps {
  /** Nothing while it is being loaded. */
  record: VinylRecord | undefined;
  at: number;
  /** Where its row lies, in pixels; a cover's lies in a row with others. */
  top?: number;
  selected: boolean;
  /** The keyboard is here. */
  current: boolean;
  /** Something is selected: what selects is shown everywhere. */
  selecting: boolean;
  text: Messages['records'];
  room: Room;
}

/** Drawn anew only when something of it changed: most of what scrolls stays as it is. */
abstract class Item extends Component<ItemProps> {
  override shouldComponentUpdate(next: ItemProps): boolean {
    const now = this.props;
    return next.record !== now.record || next.selected !== now.selected || next.current !== now.current
      || next.selecting !== now.selecting || next.room !== now.room || next.at !== now.at || next.top !== now.top || next.text !== now.text;
  }
}

export const hrefOf = (record: { id: string }): string => `/records/${record.id}`;

function Check({ record, selected, text, class: more }: Pick<ItemProps, 'selected' | 'text'> & { record: VinylRecord; class: string }) {
  return (
    <button type="button" role="checkbox" aria-checked={selected} aria-label={text.select(`${record.artist}, ${record.name}`)} data-check tabIndex={-1}
      class={classes('grid size-9 place-items-center rounded-full', more)}>
      <span class={classes('grid size-5 place-items-center rounded-md border', selected ? 'border-accent bg-accent text-accent-ink' : 'border-edge bg-surface text-transparent')}>
        <Icon name="check" size={16} />
      </span>
    </button>
  );
}

function Grade({ record, text }: { record: VinylRecord; text: ItemProps['text'] }) {
  const { recordGrade: disc, sleeveGrade: sleeve } = record;
  if (!disc && !sleeve) return null;
  return (
    <span class="inline-flex items-baseline gap-1 tabular-nums" title={text.recordAndSleeve(disc ?? '–', sleeve ?? '–')}>
      <bdi class="font-semibold">{disc ?? '–'}</bdi>
      {sleeve && <span class="text-xs text-muted">/ <bdi>{sleeve}</bdi></span>}
    </span>
  );
}

/** Gray bars as high as what will be there. */
const Bar = ({ class: more }: { class: string }) => <span class={classes('block h-3 rounded bg-line/70', more)} />;

/** `own`: its text has a direction of its own. */
const Cell = ({ class: more, own, children }: { class?: string; own?: boolean; children?: ComponentChildren }) => <div role="gridcell" dir={own ? 'auto' : undefined} class={classes('truncate', more)}>{children}</div>;

/** A row by itself: nothing in it moves anything outside. */
export const rowPlace = 'absolute inset-x-0 h-(--row-height) contain-layout contain-style';

/** How much room a table has: none for columns, or for more and more of them. */
export type Room = 0 | 1 | 2 | 3;

/** The columns by room. They follow the list's measured width: queries of CSS would lay out all rows for each that comes in. */
export const tableColumns: Record<Room, string> = {
  0: 'grid items-center gap-x-3 grid-cols-[2.5rem_minmax(0,1fr)_auto]',
  1: 'grid items-center gap-x-3 grid-cols-[2.5rem_minmax(0,1.15fr)_minmax(0,1.5fr)_5rem_3.25rem_5.5rem]',
  2: 'grid items-center gap-x-3 grid-cols-[2.5rem_minmax(0,1.15fr)_minmax(0,1.5fr)_5rem_minmax(0,0.9fr)_3.25rem_5.5rem_5.5rem]',
  3: 'grid items-center gap-x-3 grid-cols-[2.5rem_minmax(0,1.15fr)_minmax(0,1.5fr)_5rem_minmax(0,0.9fr)_7.5rem_3.25rem_5.5rem_5.5rem_6.5rem]',
};

/** What selects lies over the cover, seen when it is wanted. */
const hidden = 'opacity-0 group-hover:opacity-100 focus-visible:opacity-100 [@media(hover:none)]:pointer-events-none';

function Opener({ record, current, children }: { record: VinylRecord; current: boolean; children?: ComponentChildren }) {
  return (
    <a href={hrefOf(record)} data-open dir="auto" tabIndex={current ? 0 : -1} class="block truncate font-medium text-ink no-underline outline-none group-hover:underline focus-visible:after:absolute focus-visible:after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus">
      {record.name}{children}
    </a>
  );
}

function NarrowCells({ record, current, text }: ItemProps & { record: VinylRecord }) {
  return (
    <>
      <Cell><Opener record={record} current={current}><span dir="auto" class="block truncate font-normal text-muted">{record.artist}</span></Opener></Cell>
      <Cell class="text-end">
        <Grade record={record} text={text} />
        <span class="block text-xs text-muted">{[record.format, record.releaseYear].filter(Boolean).join(' · ')}</span>
      </Cell>
    </>
  );
}

function WideCells({ record, current, text, room }: ItemProps & { record: VinylRecord }) {
  return (
    <>
      <Cell own class="text-muted">{record.artist}</Cell>
      <Cell><Opener record={record} current={current} /></Cell>
      <Cell>{record.format}</Cell>
      {room > 1 && <Cell own class="text-muted">{record.label}</Cell>}
      {room > 2 && <Cell own class="text-muted">{record.catalogNumber}</Cell>}
      <Cell class="tabular-nums text-muted">{record.releaseYear ?? ''}</Cell>
      <Cell><Grade record={record} text={text} /></Cell>
      {room > 1 && <Cell class="text-end tabular-nums">{record.pricePaid === null ? '' : money(record.pricePaid)}</Cell>}
      {room > 2 && <Cell class="text-end tabular-nums text-muted">{date(record.createdAt)}</Cell>}
    </>
  );
}

const checkSize = 'size-[min(2.5rem,calc(var(--row-height)-0.5rem))]!';

export class TableRow extends Item {
  render(props: ItemProps) {
    const { record, at, top, selected, selecting, text, room } = props;
    const style = { top: `${top ?? 0}px` };
    const base = classes(rowPlace, tableColumns[room], 'border-b border-line/70 px-2 text-sm sm:px-3');
    if (!record) {
      return (
        <div role="row" aria-rowindex={at + 2} aria-busy="true" class={base} style={style}>
          <div role="gridcell"><Bar class="size-9! opacity-60" /></div>
          <div role="gridcell"><Bar class="w-3/5" /></div>
          {room > 0 && <div role="gridcell"><Bar class="w-4/5" /></div>}
        </div>
      );
    }
    return (
      <div role="row" aria-rowindex={at + 2} aria-selected={selected} data-at={at} style={style}
        class={classes(base, 'group cursor-default focus-within:bg-sunken', selected ? 'bg-accent-soft!' : 'hover:bg-sunken')}>
        <div role="gridcell" class="relative">
          <Cover record={record} class={classes(checkSize, 'rounded')} />
          <Check record={record} selected={selected} text={text} class={classes('absolute inset-0 rounded! bg-bg/85', checkSize, !selecting && !selected && hidden)} />
        </div>
        {room === 0 ? <NarrowCells {...props} record={record} /> : <WideCells {...props} record={record} />}
      </div>
    );
  }
}

/** The lines of words below a cover, in pixels. */
export const TILE_TEXT = 76;

export class Tile extends Item {
  render({ record, at, selected, current, selecting, text }: ItemProps) {
    if (!record) {
      return (
        <div role="gridcell" aria-busy="true" class="min-w-0">
          <span class="block aspect-square rounded-lg bg-line/50" />
          <Bar class="mt-3 w-4/5" /><Bar class="mt-2.5 w-1/2" />
        </div>
      );
    }
    return (
      <div role="gridcell" aria-selected={selected} data-at={at} class="group relative min-w-0 cursor-default">
        <a href={hrefOf(record)} data-open tabIndex={current ? 0 : -1} class="block rounded-lg text-ink no-underline">
          <span class={classes('block overflow-hidden rounded-lg shadow-card ring-offset-2 ring-offset-bg transition-transform duration-150', selected ? 'scale-95 ring-3 ring-accent' : 'group-hover:-translate-y-0.5')}>
            <Cover record={record} />
          </span>
          <span dir="auto" class="mt-2 block truncate font-semibold leading-5">{record.name}</span>
          <span dir="auto" class="block truncate text-sm leading-5 text-muted">{record.artist}</span>
        </a>
        <span class="mt-0.5 flex items-baseline justify-between gap-2 text-xs leading-5 text-muted">
          <span class="truncate">{[record.format, record.releaseYear].filter(Boolean).join(' · ')}</span>
          {record.recordGrade && <bdi class="shrink-0 font-semibold tabular-nums text-ink">{record.recordGrade}</bdi>}
        </span>
        <Check record={record} selected={selected} text={text}
          class={classes('absolute start-1 top-1', !selecting && !selected && hidden)} />
      </div>
    );
  }
}
