// SPDX-License-Identifier: MIT
// A record in the shop: what tells pressings apart, at a glance.
import { Link } from 'wouter-preact';
import { money } from '../../i18n/format';
import type { KeptRecord } from '../../offline/kept';
import { Cover } from '../../ui/cover';

export function Owned({ record }: { record: KeptRecord }) {
  const facts = [record.format, record.year, record.label, record.catalogNumber].filter(Boolean);
  return (
    <li>
      <Link href={`/records/${record.id}`} class="flex min-h-18 items-center gap-3 rounded-xl px-2 py-2 no-underline hover:bg-sunken">
        <Cover record={{ artist: record.artist, name: record.name, cover: record.cover || null }} class="w-14! shrink-0 rounded-md" />
        <span class="min-w-0 grow">
          <span class="line-clamp-2 font-semibold text-ink" dir="auto">{record.name}</span>
          <span class="line-clamp-1 text-ink" dir="auto">{record.artist}</span>
          <span class="line-clamp-1 text-sm text-muted" dir="auto">{facts.join(' · ')}</span>
        </span>
        <span class="flex shrink-0 flex-col items-end gap-1">
          {record.recordGrade && <span class="rounded-md border border-line bg-surface px-2 py-0.5 text-sm font-semibold text-ink" dir="ltr">{record.recordGrade}</span>}
          {record.pricePaid && <span class="text-sm tabular-nums text-muted">{money(Number(record.pricePaid))}</span>}
        </span>
      </Link>
    </li>
  );
}
