// SPDX-License-Identifier: MIT
// The bar over the list, which stays in sight: search, filters, order, layout, and what else can be done.
import { useLocation } from 'wouter-preact';
import { useText } from '../../i18n';
import { classes } from '../../ui/class';
import { Icon, type IconName } from '../../ui/icon';
import { Menu, type MenuItem } from '../../ui/menu';
import { useCollection, useList, useMedia } from './hooks';
import { hrefOfView, useSavedViews } from './saved-views';
import { SearchBox } from './search-box';
import type { ViewControl } from './use-view';
import { SORTS, filterCount } from './view';

const tool = 'inline-flex size-11 shrink-0 items-center justify-center gap-2 rounded-lg text-sm font-medium hover:bg-sunken aria-expanded:bg-sunken aria-pressed:bg-sunken';
const wide = 'lg:w-auto lg:px-3';

function Tool({ icon, children }: { icon: IconName; children: string }) {
  return <><Icon name={icon} size={20} /><span class="max-lg:sr-only">{children}</span></>;
}

function SortMenu({ view }: { view: ViewControl }) {
  const { records } = useText();
  const now = useList((list) => list.view);
  const isSearch = now.q.trim() !== '';
  const usual = isSearch ? '' : '-createdAt';
  const sort = now.sort === '' ? usual : now.sort;
  const items = SORTS.filter((each) => each !== '' || isSearch).map((each): MenuItem => ({
    label: records.sorts[each], checked: each === sort, run: () => { view.show({ ...now, sort: each === usual ? '' : each }); },
  }));
  return <Menu items={items} name={records.sortBy(records.sorts[sort])} class={classes(tool, wide)}><Tool icon="sort">{records.sorts[sort]}</Tool></Menu>;
}

function LayoutSwitch({ view }: { view: ViewControl }) {
  const { records } = useText();
  const layout = useList((list) => list.view.layout);
  const { list } = useCollection();
  return (
    <div role="group" aria-label={records.layout} class="hidden shrink-0 sm:flex">
      {(['grid', 'table'] as const).map((each) => (
        <button key={each} type="button" aria-pressed={layout === each} aria-label={records[each]} title={records[each]}
          class={classes(tool, 'text-muted aria-pressed:text-ink')} onClick={() => { view.show({ ...list.view, layout: each }); }}>
          <Icon name={each === 'grid' ? 'grid' : 'rows'} />
        </button>
      ))}
    </div>
  );
}

interface Props {
  view: ViewControl;
  filtersOpen: boolean;
  onFilters: () => void;
  onViews: () => void;
  onHelp: () => void;
}

function MoreMenu({ view, onViews, onHelp }: Pick<Props, 'view' | 'onViews' | 'onHelp'>) {
  const { records } = useText();
  const { list } = useCollection();
  const isPhone = useMedia('(max-width: 39.99rem)');
  const other = useList((now) => (now.view.layout === 'grid' ? 'table' : 'grid'));
  const [, navigate] = useLocation();
  const [views] = useSavedViews();
  const items: MenuItem[] = [
    ...(isPhone ? [{ label: records[other], icon: other === 'grid' ? 'grid' : 'rows', run: () => { view.show({ ...list.view, layout: other }); } } satisfies MenuItem] : []),
    ...views.slice(0, 8).map((saved): MenuItem => ({ label: saved.name, icon: 'star', run: () => { navigate(hrefOfView(saved)); } })),
    { label: views.length > 0 ? records.manageViews : records.saveView, icon: 'star', run: onViews },
    { label: records.selectMany, icon: 'check', run: () => { list.beginSelecting(); } },
    { label: records.import, icon: 'upload', run: () => { navigate('/import'); } },
    { label: records.trash, icon: 'trash', run: () => { navigate('/records/trash'); } },
    { label: records.keys.title, icon: 'keyboard', run: onHelp },
  ];
  return <Menu items={items} name={records.moreActions} class={tool}><Icon name="more" /></Menu>;
}

export function Toolbar({ view, filtersOpen, onFilters, onViews, onHelp }: Props) {
  const { records } = useText();
  const filters = useList((list) => filterCount(list.view));
  return (
    <>
      <SearchBox view={view} />
      <div class="flex shrink-0 items-center">
        <button type="button" class={classes(tool, wide, 'relative')} aria-expanded={filtersOpen} onClick={onFilters} title={records.filters}>
          <Tool icon="filter">{records.filters}</Tool>
          {filters > 0 && <span class="absolute end-1.5 top-1.5 grid min-w-4 place-items-center rounded-full bg-accent px-1 text-[0.6875rem] font-semibold leading-4 text-accent-ink lg:static">{filters}</span>}
        </button>
        <SortMenu view={view} />
        <LayoutSwitch view={view} />
        <MoreMenu view={view} onViews={onViews} onHelp={onHelp} />
      </div>
    </>
  );
}
