// SPDX-License-Identifier: MIT
// The records: search, filters, order, covers or table, and what can be done with many at once.
import { useEffect, useState } from 'preact/hooks';
import { Problem } from '../../api/problem';
import { useText } from '../../i18n';
import { Button, ButtonLink } from '../../ui/button';
import { classes } from '../../ui/class';
import { Icon } from '../../ui/icon';
import { lazily } from '../../ui/lazy';
import { Empty, PageHeading } from '../../ui/page';
import { Body } from './body';
import { Status } from './chips';
import { FacetColumn, FacetSheet } from './facets';
import { useCollection, useList, useMedia } from './hooks';
import { useKept } from './kept';
import { useMoves } from './moves';
import { WorkProgress } from './progress';
import { searchId } from './search-box';
import { SelectionBar } from './selection-bar';
import { selectedCount } from './selection';
import { Toolbar } from './toolbar';
import { useListActions } from './use-actions';
import { useKeys } from './use-keys';
import { type ViewControl, useView } from './use-view';
import { EMPTY_VIEW, clearFilters, isNarrowed, withQuery } from './view';

const Help = lazily(() => import('./help'));
const BulkDialog = lazily(() => import('./bulk-dialog').then(({ BulkDialog: found }) => ({ default: found })));
const SavedViewsDialog = lazily(() => import('./saved-views').then(({ SavedViewsDialog: found }) => ({ default: found })));

function NothingFound({ view }: { view: ViewControl }) {
  const { records } = useText();
  const { list } = useCollection();
  const shown = list.shown?.view ?? list.view;
  if (isNarrowed(shown)) {
    return (
      <Empty icon="search" title={records.noneTitle} actions={<Button look="main" onClick={() => { view.show(clearFilters(withQuery(list.view, ''))); }}>{records.clearAll}</Button>}>
        {records.noneText}
      </Empty>
    );
  }
  return (
    <Empty icon="record" title={records.emptyTitle}
      actions={<><ButtonLink href="/records/new" look="main" icon="plus">{records.addLong}</ButtonLink><ButtonLink href="/import" icon="upload">{records.import}</ButtonLink></>}>
      {records.emptyText}
    </Empty>
  );
}

/** The server does not take the view that the address asks for. */
function Refused({ error, view }: { error: Problem; view: ViewControl }) {
  const { records } = useText();
  return (
    <Empty icon="warning" title={records.refusedTitle} actions={<Button look="main" onClick={() => { view.show(EMPTY_VIEW); }}>{records.clearAll}</Button>}>
      {error.message}
    </Empty>
  );
}

/** That the server is away, where it does not hide what is there. */
function Trouble() {
  const { records, shell } = useText();
  const { list } = useCollection();
  const error = useList((now) => now.error);
  if (error === null) return null;
  return (
    <div role="alert" class="mb-2 flex flex-wrap items-center gap-3 rounded-lg bg-warn-soft px-4 py-1.5 text-sm text-warn">
      <Icon name="warning" size={18} />
      <span class="grow">{error instanceof Error && error.name === 'Unreachable' ? records.away : records.someAway}</span>
      <Button small look="quiet" class="text-warn" onClick={() => { list.retry(); }}>{shell.retry}</Button>
    </div>
  );
}

function Heading() {
  const { records } = useText();
  return (
    <PageHeading title={records.title}>
      <ButtonLink href="/import" look="plain" icon="upload" class="max-sm:hidden">{records.import}</ButtonLink>
      <ButtonLink href="/records/new" look="main" icon="plus">{records.add}</ButtonLink>
    </PageHeading>
  );
}

export default function Records() {
  const { list } = useCollection();
  const moves = useMoves();
  const view = useView(moves);
  const actions = useListActions();
  const isWide = useMedia('(min-width: 64rem)');
  const [filtersKept, setFiltersKept] = useKept('filters');
  const [sheet, setSheet] = useState(false);
  const [open, setOpen] = useState<'bulk' | 'views' | 'help' | null>(null);
  const selecting = useList((now) => now.selecting);
  const total = useList((now) => now.shown?.pages.total ?? null);
  const error = useList((now) => now.error);
  const refused = error instanceof Problem && error.status >= 400 && error.status < 429 && error.status !== 401 ? error : null;
  const column = isWide && filtersKept;
  const toggleFilters = () => { if (isWide) setFiltersKept(!filtersKept); else setSheet(true); };
  useKeys({ moves, view, actions, onEdit: () => { setOpen('bulk'); }, onFilters: toggleFilters });
  useEffect(() => {
    if ((history.state as { search?: boolean } | null)?.search) document.getElementById(searchId)?.focus();
  }, []);
  const close = () => { setOpen(null); };
  return (
    <>
      <Heading />
      <div data-list-bar class="sticky top-0 z-20 -mx-4 flex items-center gap-1 bg-bg/95 px-4 py-2 backdrop-blur-sm sm:-mx-6 sm:px-6 md:-mx-8 md:px-8">
        {selecting
          ? <SelectionBar onEdit={() => { setOpen('bulk'); }} onDelete={actions.remove} />
          : <Toolbar view={view} filtersOpen={column || sheet} onFilters={toggleFilters} onViews={() => { setOpen('views'); }} onHelp={() => { setOpen('help'); }} />}
      </div>
      <div class={classes(column && 'flex gap-6')}>
        {column && <FacetColumn view={view} />}
        <div class="min-w-0 grow">
          <Status view={view} />
          {!refused && <Trouble />}
          {refused ? <Refused error={refused} view={view} /> : total === 0 ? <NothingFound view={view} /> : <Body onSort={(sort) => { view.show({ ...list.view, sort }); }} moves={moves} />}
        </div>
      </div>
      {sheet && !isWide && <FacetSheet view={view} onClose={() => { setSheet(false); }} />}
      {open === 'help' && <Help onClose={close} />}
      {open === 'views' && <SavedViewsDialog view={list.view} onClose={close} />}
      {open === 'bulk' && <BulkDialog count={selectedCount(actions.target(), total ?? 0)} onClose={close} onApply={(changes) => { close(); actions.change(changes); }} />}
      <WorkProgress />
    </>
  );
}
