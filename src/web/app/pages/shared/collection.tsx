// SPDX-License-Identifier: MIT
// A collection that somebody shared: covers, and a search in it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, useSearch } from 'wouter-preact';
import type { VinylRecord } from '../../api/types';
import { useText } from '../../i18n';
import { money, number } from '../../i18n/format';
import { Button } from '../../ui/button';
import { Cover } from '../../ui/cover';
import { Icon } from '../../ui/icon';
import { Empty, useTitle, Waiting } from '../../ui/page';
import { shownOf, useSharedRecords, type SharedThing } from './data';
import { NotShared } from './gone';

const PAUSE_MS = 120;

/** The search is in the address, so that going back from a record shows what was found. */
function useAsked(): [string, (text: string) => void] {
  const inAddress = new URLSearchParams(useSearch()).get('q') ?? '';
  const [typed, setTyped] = useState(inAddress);
  useEffect(() => {
    if (typed === inAddress) return;
    const timer = setTimeout(() => {
      const query = typed ? `?${new URLSearchParams({ q: typed })}` : '';
      history.replaceState(history.state, '', location.pathname + query);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return [typed, setTyped];
}

function Card({ token, record: one }: { token: string; record: VinylRecord }) {
  return (
    <li class="[content-visibility:auto] [contain-intrinsic-size:auto_16rem]">
      <Link href={`/s/${token}/records/${one.id}`} class="group block no-underline">
        <Cover record={one} class="rounded-lg shadow-card transition-shadow group-hover:shadow-float" />
        <span class="mt-2 line-clamp-1 font-semibold text-ink group-hover:underline" dir="auto">{one.name}</span>
        <span class="line-clamp-1 text-ink" dir="auto">{one.artist}</span>
        <span class="flex items-baseline justify-between gap-2 text-sm text-muted">
          <span class="line-clamp-1" dir="auto">{[one.format, one.releaseYear].filter(Boolean).join(' · ')}</span>
          {one.pricePaid !== null && <span class="tabular-nums">{money(one.pricePaid)}</span>}
        </span>
      </Link>
    </li>
  );
}

/** Asks for more when its place comes into sight; it can be pressed, too. */
function More({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const { shared } = useText().account;
  const place = useRef<HTMLDivElement>(null);
  const more = useRef(onMore);
  more.current = onMore;
  useEffect(() => {
    if (!place.current || busy) return;
    const watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) more.current(); }, { rootMargin: '800px' });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [busy]);
  return <div ref={place} class="flex justify-center py-8"><Button busy={busy} onClick={onMore}>{shared.more}</Button></div>;
}

export function SharedCollection({ token, thing }: { token: string; thing: SharedThing }) {
  const { shared } = useText().account;
  const [typed, type] = useAsked();
  const list = useSharedRecords(token, typed.trim(), thing.count > 0);
  const title = thing.title || shared.collection;
  const pages = list.data?.pages ?? [];
  const records = pages.flatMap((page) => page.records);
  const total = pages[0]?.total ?? thing.count;
  useTitle(title);
  return (
    <>
      <header class="mb-7 flex flex-wrap items-end gap-x-8 gap-y-4">
        <div class="grow">
          <h1 class="font-title text-4xl font-semibold tracking-tight"><bdi>{title}</bdi></h1>
          <p role="status" class="mt-2 text-muted">{shared.count(total, number(total))}</p>
        </div>
        {thing.count > 0 && (
          <div class="relative w-full sm:w-80" role="search">
            <Icon name="search" class="pointer-events-none absolute start-3.5 top-1/2 -translate-y-1/2 text-muted" />
            <input class="field ps-11!" type="search" inputMode="search" aria-label={shared.search} placeholder={shared.search} value={typed}
              autocomplete="off" spellcheck={false} onInput={(event) => type(event.currentTarget.value)} />
          </div>
        )}
      </header>
      {thing.count === 0 && <Empty icon="record" title={shared.empty}>{shared.emptyWhy}</Empty>}
      {list.isPending && thing.count > 0 && <Waiting />}
      {list.error && !list.data && <NotShared error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && thing.count > 0 && records.length === 0 && <Empty icon="search" title={shared.none}>{shared.noneWhy}</Empty>}
      <ul class="grid grid-cols-2 gap-x-4 gap-y-7 sm:grid-cols-3 lg:grid-cols-5 lg:gap-x-6">
        {records.map((one) => <Card key={one.id} token={token} record={shownOf(one)} />)}
      </ul>
      {list.hasNextPage && <More busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </>
  );
}
