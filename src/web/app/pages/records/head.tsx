// SPDX-License-Identifier: MIT
// The head of the table: a click on a column orders the list by it.
import { useText } from '../../i18n';
import { classes } from '../../ui/class';
import { Icon } from '../../ui/icon';
import { type Room, tableColumns } from './row';
import { nextSort, type Sort } from './view';

type Column = keyof ReturnType<typeof useText>['records']['columns'];

interface Heading { name: Column; first?: Sort; second?: Sort; room: Room; end?: boolean }

const headings: Heading[] = [
  { name: 'artist', first: 'artist', second: '-artist', room: 1 },
  { name: 'name', first: 'name', second: '-name', room: 0 },
  { name: 'format', room: 1 },
  { name: 'label', room: 2 },
  { name: 'catalogNumber', room: 3 },
  { name: 'year', first: '-year', second: 'year', room: 1 },
  { name: 'grade', first: 'grade', second: '-grade', room: 0 },
  { name: 'price', first: '-price', second: 'price', room: 2, end: true },
  { name: 'added', first: '-createdAt', second: 'createdAt', room: 3, end: true },
];

function direction(sort: Sort, { first, second }: Heading): 'ascending' | 'descending' | 'none' | undefined {
  if (first === undefined) return undefined;
  if (sort !== first && sort !== second) return 'none';
  return sort.startsWith('-') ? 'descending' : 'ascending';
}

export function TableHead({ room, sort, onSort }: { room: Room; sort: Sort; onSort: (sort: Sort) => void }) {
  const { records } = useText();
  return (
    <div role="rowgroup" data-list-head class="sticky top-15 z-10 bg-bg">
      <div role="row" aria-rowindex={1} class={classes(tableColumns[room], 'h-9 border-b border-line px-2 text-xs font-medium text-muted sm:px-3')}>
        <div role="columnheader"><span class="sr-only">{records.columns.cover}</span></div>
        {headings.filter((heading) => heading.room <= room).map((heading) => {
          const { name, first, second } = heading;
          const order = direction(sort, heading);
          return (
            <div key={name} role="columnheader" aria-sort={order} class={classes('flex min-w-0 items-center', heading.end && 'justify-end')}>
              {first === undefined || second === undefined ? <span class="truncate">{records.columns[name]}</span> : (
                <button type="button" class="flex min-h-8 min-w-0 items-center gap-1 hover:text-ink aria-pressed:text-ink" aria-pressed={order !== 'none'}
                  onClick={() => { onSort(nextSort(sort, first, second)); }}>
                  <span class="truncate">{records.columns[name]}</span>
                  {order !== 'none' && <Icon name="down" size={14} class={order === 'ascending' ? 'rotate-180' : ''} />}
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
