// SPDX-License-Identifier: MIT
// What came in last.
import { useQuery } from '@tanstack/preact-query';
import { Link } from 'wouter-preact';
import { get } from '../../api/client';
import type { VinylRecord } from '../../api/types';
import { useText } from '../../i18n';
import { ago } from '../../i18n/format';
import { Cover } from '../../ui/cover';

const SHOWN = 6;

export function Recent() {
  const { insights } = useText();
  const { data = [] } = useQuery({
    queryKey: ['records', 'latest', SHOWN],
    queryFn: ({ signal }) => get<VinylRecord[]>(`/api/records?sort=-createdAt&limit=${SHOWN}`, signal),
  });
  return (
    <section class="card p-4 sm:p-5" aria-labelledby="recent-additions">
      <header class="mb-3 flex items-center justify-between gap-3">
        <h2 id="recent-additions" class="font-title text-lg font-semibold">{insights.recent}</h2>
        <Link href="/records?sort=-createdAt" class="link text-sm">{insights.all}</Link>
      </header>
      <ul class="grid gap-x-4 gap-y-1 sm:grid-cols-2 lg:grid-cols-3">
        {data.map((record) => (
          <li key={record.id}>
            <Link href={`/records/${record.id}`} class="-mx-2 flex items-center gap-3 rounded-lg p-2 text-ink no-underline hover:bg-sunken">
              <span class="size-14 shrink-0 overflow-hidden rounded-lg"><Cover record={record} /></span>
              <span class="min-w-0">
                <span dir="auto" class="block truncate font-medium">{record.name}</span>
                <span dir="auto" class="block truncate text-sm">{record.artist}</span>
                <span class="block truncate text-sm text-muted">{ago(record.createdAt)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
