// SPDX-License-Identifier: MIT
// The collection in four figures.
import { useText } from '../../i18n';
import { money, number } from '../../i18n/format';
import type { Insights } from '../insights/data';

function Figure({ label, value, note }: { label: string; value: string | undefined; note: string | undefined }) {
  return (
    <div class="flex flex-col-reverse justify-end border-line px-4 py-3.5 sm:px-5 [&:not(:first-child)]:border-s max-lg:[&:nth-child(3)]:border-s-0 max-lg:[&:nth-child(n+3)]:border-t">
      <dd class="min-w-0">
        <span class="block min-h-9 truncate font-title text-2xl font-semibold tracking-tight tabular-nums">{value ?? <span class="mt-2 block h-5 w-24 rounded bg-line/60" />}</span>
        <span class="block min-h-5 truncate text-sm text-muted">{note}</span>
      </dd>
      <dt class="text-sm text-muted">{label}</dt>
    </div>
  );
}

const whole = (value: number): string => money(value, value >= 1000 ? { maximumFractionDigits: 0 } : {});

/** The month of a date as the server writes it. */
const monthOf = (date: Date): string => date.toISOString().slice(0, 7);

/** Their places are kept until they are there. */
export function Figures({ insights }: { insights: Insights | undefined }) {
  const { records: { home } } = useText();
  const now = new Date();
  const before = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1));
  const added = (month: string) => insights?.months.find((each) => each.month === month)?.added ?? 0;
  const average = insights && insights.priced > 0 ? money(insights.spent / insights.priced) : '–';
  return (
    <dl class="card mb-8 grid grid-cols-2 overflow-hidden lg:grid-cols-4" aria-busy={insights === undefined}>
      <Figure label={home.records} value={insights && number(insights.count)} note={undefined} />
      <Figure label={home.spent} value={insights && whole(insights.spent)} note={insights && home.priced(insights.priced)} />
      <Figure label={home.average} value={insights && average} note={undefined} />
      <Figure label={home.thisMonth} value={insights && number(added(monthOf(now)))} note={insights && home.lastMonth(added(monthOf(before)))} />
    </dl>
  );
}
