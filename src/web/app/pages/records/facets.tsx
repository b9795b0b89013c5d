// SPDX-License-Identifier: MIT
// What the results can be narrowed by, with how many have it: beside the list, or as a sheet on a phone.
import { useQuery } from '@tanstack/preact-query';
import { useEffect, useState } from 'preact/hooks';
import { type FacetCount, type Grade, grades } from '../../api/types';
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { Button } from '../../ui/button';
import { classes } from '../../ui/class';
import { Dialog } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { useFilterValue } from './chips';
import { useList } from './hooks';
import { getFacets } from './source';
import type { ViewControl } from './use-view';
import { type Filter, type View, facetQueryOf, toggleFilter } from './view';

const PANEL = ['format', 'decade', 'grade', 'label', 'artist'] as const satisfies readonly Filter[];
const FEW = 8;
/** From so many values on they can be searched. */
const MANY = 12;
/** The counts follow when the results have been there for so long (milliseconds). */
const REST = 150;

/** The view of what is shown, once that rests. */
function useRestingView(): View {
  const shown = useList((list) => list.shown?.view ?? list.view);
  const [resting, setResting] = useState(shown);
  useEffect(() => {
    const timer = setTimeout(() => { setResting(shown); }, REST);
    return () => { clearTimeout(timer); };
  }, [shown]);
  return resting;
}

/** Chosen values stay in sight even if nothing has them any more. */
function withChosen(counts: readonly FacetCount[], chosen: readonly string[]): FacetCount[] {
  const missing = chosen.filter((value) => !counts.some((count) => count.value === value));
  return [...missing.map((value) => ({ value, count: 0 })), ...counts];
}

/** The first few, in their order, and what is chosen. */
function firstOf(counts: readonly FacetCount[], chosen: readonly string[]): FacetCount[] {
  let room = Math.max(0, FEW - chosen.length);
  return counts.filter(({ value }) => chosen.includes(value) || (room -= 1) >= 0);
}

/** Decades by time and grades by quality; the rest stays with the most frequent first. */
function inOrder(filter: Filter, counts: readonly FacetCount[]): readonly FacetCount[] {
  const quality = (value: string) => grades.indexOf(value as Grade);
  if (filter === 'decade') return [...counts].sort((a, b) => Number(b.value) - Number(a.value));
  return filter === 'grade' ? [...counts].sort((a, b) => quality(a.value) - quality(b.value)) : counts;
}

function Facet({ filter, counts, now, view }: { filter: Filter; counts: readonly FacetCount[]; now: View; view: ViewControl }) {
  const { records } = useText();
  const valueOf = useFilterValue();
  const [all, setAll] = useState(false);
  const [wanted, setWanted] = useState('');
  const chosen = now.filters[filter];
  const every = inOrder(filter, withChosen(counts, chosen));
  if (every.length === 0) return null;
  const found = wanted === '' ? every : every.filter(({ value }) => valueOf(filter, value).toLocaleLowerCase().includes(wanted.toLocaleLowerCase()));
  const shown = all ? found : firstOf(found, chosen);
  const name = records.filterNames[filter];
  return (
    <details open class="group/facet border-b border-line py-1 last:border-0">
      <summary class="flex min-h-9 list-none items-center gap-2 text-sm font-semibold [&::-webkit-details-marker]:hidden">
        <span class="grow">{name}</span>
        <Icon name="down" size={16} class="-rotate-90 text-muted transition-transform group-open/facet:rotate-0 rtl:rotate-90 rtl:group-open/facet:rotate-0" />
      </summary>
      {all && every.length > MANY && (
        <input type="search" aria-label={records.findIn(name)} placeholder={records.findIn(name)} value={wanted} class="field mb-1 min-h-9! py-1! text-sm!"
          onInput={(event) => { setWanted(event.currentTarget.value); }} />
      )}
      <ul class={classes('pb-2', all && 'max-h-80 overflow-y-auto')}>
        {shown.map(({ value, count }) => (
          <li key={value}>
            <label class={classes('flex min-h-9 items-center gap-2.5 rounded-lg px-1.5 text-sm hover:bg-sunken md:min-h-8', chosen.includes(value) && 'font-medium')}>
              <input type="checkbox" checked={chosen.includes(value)} class="size-4 shrink-0 accent-(--accent)" onChange={() => { view.show(toggleFilter(now, filter, value)); }} />
              <span class="min-w-0 grow truncate" title={valueOf(filter, value)}>{valueOf(filter, value)}</span>
              <span class="text-xs tabular-nums text-muted">{number(count)}</span>
            </label>
          </li>
        ))}
      </ul>
      {every.length > FEW && (
        <button type="button" class="mb-2 min-h-8 px-1.5 text-sm text-accent hover:underline" aria-expanded={all} onClick={() => { setAll(!all); setWanted(''); }}>
          {all ? records.showFewer : records.showAll(every.length)}
        </button>
      )}
    </details>
  );
}

function Facets({ view }: { view: ViewControl }) {
  const { records } = useText();
  const now = useList((list) => list.view);
  const resting = useRestingView();
  const { data } = useQuery({
    queryKey: ['facets', facetQueryOf(resting).toString()],
    queryFn: ({ signal }) => getFacets(resting, signal),
    placeholderData: (before) => before,
  });
  if (!data) return null;
  const isEmpty = PANEL.every((filter) => (data[filter] ?? []).length === 0 && now.filters[filter].length === 0);
  if (isEmpty) return <p class="py-4 text-sm text-muted">{records.noFacets}</p>;
  return <>{PANEL.map((filter) => <Facet key={filter} filter={filter} counts={data[filter] ?? []} now={now} view={view} />)}</>;
}

export function FacetColumn({ view }: { view: ViewControl }) {
  const { records } = useText();
  return (
    <aside aria-label={records.filters} class="sticky top-16 max-h-[calc(100dvh-4.5rem)] w-56 shrink-0 overflow-y-auto overscroll-contain pe-1 pt-2">
      <Facets view={view} />
    </aside>
  );
}

export function FacetSheet({ view, onClose }: { view: ViewControl; onClose: () => void }) {
  const { records } = useText();
  useList((list) => list.revision);
  const total = useList((list) => list.shown?.pages.total ?? null);
  return (
    <Dialog title={records.filters} onClose={onClose} actions={<Button look="main" class="grow" onClick={onClose}>{records.showResults(total ?? 0)}</Button>}>
      <Facets view={view} />
    </Dialog>
  );
}
