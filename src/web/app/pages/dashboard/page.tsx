// SPDX-License-Identifier: MIT
// The overview of a collection: search, the latest additions, a few figures, and ways into the list.
import { useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { get } from '../../api/client';
import type { VinylRecord } from '../../api/types';
import { useText } from '../../i18n';
import { Button, ButtonLink } from '../../ui/button';
import { Cover } from '../../ui/cover';
import { Icon } from '../../ui/icon';
import { Empty, PageHeading } from '../../ui/page';
import type { Insights } from '../insights/data';
import { hrefOfView, useSavedViews } from '../records/saved-views';
import { findRecords } from '../records/source';
import { EMPTY_VIEW } from '../records/view';
import { Figures } from './figures';
import { Shares } from './shares';

const RECENT = 12;

function QuickSearch() {
  const { records } = useText();
  const [, navigate] = useLocation();
  const [q, setQ] = useState('');
  const search = (event: Event) => {
    event.preventDefault();
    navigate(q.trim() === '' ? '/records' : `/records?q=${encodeURIComponent(q.trim())}`);
  };
  return (
    <form role="search" onSubmit={search} class="relative mb-6">
      <Icon name="search" size={22} class="pointer-events-none absolute start-4 top-1/2 -translate-y-1/2 text-muted" />
      <input type="search" id="search-records" class="field min-h-13! rounded-xl! ps-12! text-lg!" aria-label={records.search} placeholder={records.searchHint} maxLength={200}
        autocomplete="off" spellcheck={false} enterkeyhint="search" value={q} onInput={(event) => { setQ(event.currentTarget.value); }} />
    </form>
  );
}

function SectionHead({ id, title, href, more }: { id: string; title: string; href?: string; more?: string }) {
  return (
    <header class="mb-3 flex items-baseline justify-between gap-3">
      <h2 id={id} class="font-title text-lg font-semibold">{title}</h2>
      {href && <Link href={href} class="link text-sm">{more}</Link>}
    </header>
  );
}

/** As many covers as fit into two rows; their places are kept while they are on their way. */
function Recent({ data }: { data: readonly VinylRecord[] | undefined }) {
  const { records } = useText();
  const items = data ?? Array.from({ length: RECENT }, () => null);
  return (
    <section aria-labelledby="recent" aria-busy={data === undefined} class="mb-8">
      <SectionHead id="recent" title={records.home.recent} href="/records" more={records.home.all} />
      <ul class="grid grid-cols-3 gap-x-4 gap-y-5 sm:grid-cols-4 lg:grid-cols-6">
        {items.map((record, at) => (
          <li key={record?.id ?? at} class="min-w-0">
            {record === null ? <span class="block aspect-square rounded-lg bg-line/50" /> : (
              <Link href={`/records/${record.id}`} class="group block text-ink no-underline">
                <span class="block overflow-hidden rounded-lg shadow-card transition-transform duration-150 group-hover:-translate-y-0.5"><Cover record={record} /></span>
                <span dir="auto" class="mt-2 block truncate text-sm font-semibold leading-5">{record.name}</span>
                <span dir="auto" class="block truncate text-xs leading-5 text-muted">{record.artist}</span>
              </Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Views() {
  const { records } = useText();
  const [views] = useSavedViews();
  if (views.length === 0) return null;
  return (
    <section aria-labelledby="views" class="mb-8">
      <SectionHead id="views" title={records.home.views} />
      <ul class="flex flex-wrap gap-2">
        {views.map((view) => <li key={view.name}><ButtonLink href={hrefOfView(view)} icon="star" small>{view.name}</ButtonLink></li>)}
      </ul>
    </section>
  );
}

export default function Dashboard() {
  const { records, shell } = useText();
  const { data, error, refetch } = useQuery({ queryKey: ['insights'], queryFn: ({ signal }) => get<Insights>('/api/records/insights', signal) });
  const { data: recent } = useQuery({
    queryKey: ['records', 'recent', RECENT],
    queryFn: ({ signal }) => findRecords(EMPTY_VIEW, 0, RECENT, signal).then(({ items }) => items),
  });
  if (recent?.length === 0) {
    return (
      <>
        <PageHeading title={shell.home} />
        <Empty icon="record" title={records.emptyTitle}
          actions={<><ButtonLink href="/records/new" look="main" icon="plus">{records.addLong}</ButtonLink><ButtonLink href="/import" icon="upload">{records.import}</ButtonLink></>}>
          {records.emptyText}
        </Empty>
      </>
    );
  }
  return (
    <div class="mx-auto max-w-6xl">
      <PageHeading title={shell.home}><ButtonLink href="/records/new" look="main" icon="plus">{records.add}</ButtonLink></PageHeading>
      <QuickSearch />
      <Figures insights={data} />
      {error && !data && <p role="alert" class="mb-6 flex items-center gap-3 text-sm text-muted">{records.away}<Button small onClick={() => { void refetch(); }}>{shell.retry}</Button></p>}
      <Views />
      <Recent data={recent} />
      {data && <Shares insights={data} />}
    </div>
  );
}
