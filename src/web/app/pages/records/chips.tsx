// SPDX-License-Identifier: MIT
// What narrows the list, each to be taken away; how many were found; and what was searched for instead.
import { useText } from '../../i18n';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { useList } from './hooks';
import type { ViewControl } from './use-view';
import { FILTERS, type Filter, type View, clearFilters, filterCount, isNarrowed, toggleFilter } from './view';

export function useFilterValue(): (filter: Filter, value: string) => string {
  const { records } = useText();
  return (filter, value) => (filter === 'decade' ? records.decade(value) : value);
}

function Chips({ now, view }: { now: View; view: ViewControl }) {
  const { records } = useText();
  const valueOf = useFilterValue();
  return (
    <ul class="contents">
      {FILTERS.flatMap((filter) => now.filters[filter].map((value) => (
        <li key={`${filter} ${value}`} class="max-w-full">
          <button type="button" onClick={() => { view.show(toggleFilter(now, filter, value)); }}
            class="flex min-h-8 max-w-full items-center gap-1.5 rounded-full border border-edge/50 bg-surface ps-3 pe-2 text-sm hover:border-edge hover:bg-sunken">
            <span class="text-muted"><span class="sr-only">{records.removeFilter} </span>{records.filterNames[filter]}</span>{' '}
            <span class="truncate font-medium">{valueOf(filter, value)}</span>
            <Icon name="close" size={15} class="text-muted" />
          </button>
        </li>
      )))}
    </ul>
  );
}

function SearchInstead({ view }: { view: ViewControl }) {
  const { records } = useText();
  const shown = useList((list) => list.shown);
  if (!shown || shown.corrected === null) return null;
  return <button type="button" class="link min-h-8" onClick={() => { view.show({ ...shown.view, exact: true }); }}>{records.searchInstead(shown.view.q.trim())}</button>;
}

export function Status({ view }: { view: ViewControl }) {
  const { records } = useText();
  useList((list) => list.revision);
  const now = useList((list) => list.view);
  const shown = useList((list) => list.shown);
  const total = shown?.pages.total;
  const words = total == null ? '' : shown && isNarrowed(shown.view) ? records.found(total) : records.count(total);
  return (
    <div class="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 py-1.5 text-sm text-muted">
      <p role="status" class="flex flex-wrap gap-x-3">
        <span class="tabular-nums">{words}</span>
        {shown && shown.corrected !== null && <span>{records.corrected} <strong class="font-semibold text-ink">{shown.corrected}</strong></span>}
      </p>
      <SearchInstead view={view} />
      <Chips now={now} view={view} />
      {filterCount(now) > 1 && <Button look="quiet" small onClick={() => { view.show(clearFilters(now)); }}>{records.clearFilters}</Button>}
    </div>
  );
}
