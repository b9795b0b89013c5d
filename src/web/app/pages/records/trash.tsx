// SPDX-License-Identifier: MIT
// The trash: what was deleted, how long it stays, and the way back.
import { useInfiniteQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { text, useText } from '../../i18n';
import { ago } from '../../i18n/format';
import { Button, ButtonLink } from '../../ui/button';
import { Cover } from '../../ui/cover';
import { Empty, PageHeading, Waiting } from '../../ui/page';
import { useCollection, useWork } from './hooks';
import { WorkProgress } from './progress';
import { sayResult } from './say';
import { type TrashedRecord, findTrash } from './source';

const PAGE = 100;
const KEPT_FOR = 30; // days

const daysLeft = (deletedAt: string): number => Math.max(0, KEPT_FOR - Math.floor((Date.now() - new Date(deletedAt).getTime()) / 86_400_000));

function Row({ record, chosen, onChoose, onRestore }: { record: TrashedRecord; chosen: boolean; onChoose: () => void; onRestore: () => void }) {
  const { records } = useText();
  const name = `${record.artist}, ${record.name}`;
  return (
    <li class="flex min-h-16 items-center gap-3 border-b border-line/70 py-2 last:border-0">
      <input type="checkbox" class="size-5 shrink-0 accent-(--accent)" checked={chosen} onChange={onChoose} aria-label={records.select(name)} />
      <Cover record={record} class="size-11! shrink-0 rounded opacity-80" />
      <div class="min-w-0 grow">
        <p class="truncate font-medium">{record.name}</p>
        <p class="truncate text-sm text-muted">{record.artist} · {record.format}<span class="max-sm:hidden"> · {records.deletedAgo(ago(record.deletedAt))}</span></p>
      </div>
      <span class="shrink-0 text-sm tabular-nums text-muted max-sm:hidden">{records.daysLeft(daysLeft(record.deletedAt))}</span>
      <Button small icon="history" onClick={onRestore} aria-label={records.restoreOne(name)}><span class="max-sm:sr-only">{records.restore}</span></Button>
    </li>
  );
}

function Found({ found, more }: { found: readonly TrashedRecord[]; more: (() => void) | null }) {
  const { records } = useText();
  const { actions } = useCollection();
  const busy = useWork() !== null;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const there = found.filter(({ id }) => chosen.has(id));
  const restore = (ids: readonly string[]) => {
    void actions.restore(ids, (n) => text().records.restored(n)).then(sayResult);
    setChosen(new Set([...chosen].filter((id) => !ids.includes(id))));
  };
  const choose = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const all = there.length === found.length;
  return (
    <>
      <div class="mb-1 flex min-h-11 items-center gap-3">
        <label class="flex min-h-11 items-center gap-3 text-sm">
          <input type="checkbox" class="size-5 accent-(--accent)" checked={all} onChange={() => { setChosen(all ? new Set() : new Set(found.map(({ id }) => id))); }} />
          {there.length > 0 ? records.selected(there.length) : records.selectAll(found.length)}
        </label>
        {there.length > 0 && <Button small look="main" icon="history" busy={busy} onClick={() => { restore(there.map(({ id }) => id)); }}>{records.restoreSelected(there.length)}</Button>}
      </div>
      <ul class="card px-4">
        {found.map((record) => <Row key={record.id} record={record} chosen={chosen.has(record.id)} onChoose={() => { choose(record.id); }} onRestore={() => { restore([record.id]); }} />)}
      </ul>
      {more && <div class="mt-4 text-center"><Button onClick={more}>{records.showMore}</Button></div>}
    </>
  );
}

export default function Trash() {
  const { records, shell } = useText();
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['trash'],
    queryFn: ({ pageParam, signal }) => findTrash(pageParam, PAGE, signal),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length < PAGE ? undefined : pages.length * PAGE),
  });
  const found = data?.pages.flat() ?? [];
  const empty = data !== undefined && found.length === 0;
  return (
    <div class="mx-auto max-w-4xl">
      <PageHeading title={records.trashTitle}><ButtonLink href="/records" look="quiet">{records.toRecords}</ButtonLink></PageHeading>
      {!empty && <p class="-mt-3 mb-4 text-muted">{records.trashText}</p>}
      {data === undefined && error && <Empty icon="warning" title={records.away} actions={<Button look="main" onClick={() => { void refetch(); }}>{shell.retry}</Button>} />}
      {data === undefined && !error && <Waiting />}
      {empty && <Empty icon="trash" title={records.trashEmpty} actions={<ButtonLink href="/records">{records.toRecords}</ButtonLink>}>{records.trashEmptyText}</Empty>}
      {found.length > 0 && <Found found={found} more={hasNextPage ? () => { void fetchNextPage(); } : null} />}
      <WorkProgress />
    </div>
  );
}
