// SPDX-License-Identifier: MIT
// What the collection is made of; each line leads to its records.
import { Link } from 'wouter-preact';
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { type Amount, type Filter, type Insights, recordsAt } from '../insights/data';

const SHOWN = 6;

interface Line { value: string; label: string; count: number }

function linesOf(amounts: readonly Amount[], label: (value: string) => string): Line[] {
  return amounts.filter(({ value }) => value !== null && value !== '')
    .map(({ value, count }) => ({ value: String(value), label: label(String(value)), count }))
    .sort((a, b) => b.count - a.count).slice(0, SHOWN);
}

function Share({ title, filter, lines }: { title: string; filter: Filter; lines: readonly Line[] }) {
  if (lines.length === 0) return null;
  const most = Math.max(...lines.map(({ count }) => count));
  const id = `by-${filter}`;
  return (
    <section class="card p-4 sm:p-5" aria-labelledby={id}>
      <h2 id={id} class="mb-2 font-title text-lg font-semibold">{title}</h2>
      <ul>
        {lines.map(({ value, label, count }) => (
          <li key={value}>
            <Link href={recordsAt(filter, value)} class="relative -mx-2 flex min-h-9 items-center gap-3 overflow-hidden rounded-lg px-2 text-sm text-ink no-underline hover:bg-sunken">
              <span aria-hidden="true" class="absolute inset-y-1 start-0 rounded-md bg-accent-soft" style={{ width: `${(100 * count) / most}%` }} />
              <span dir="auto" class="relative min-w-0 grow truncate">{label}</span>
              <span class="relative tabular-nums text-muted">{number(count)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Shares({ insights }: { insights: Insights }) {
  const { records } = useText();
  const as = (value: string) => value;
  return (
    <div class="grid gap-4 lg:grid-cols-3">
      <Share title={records.home.byFormat} filter="format" lines={linesOf(insights.byFormat, as)} />
      <Share title={records.home.byDecade} filter="decade" lines={linesOf(insights.byDecade, records.decade)} />
      <Share title={records.home.artists} filter="artist" lines={linesOf(insights.byArtist, as)} />
    </div>
  );
}
