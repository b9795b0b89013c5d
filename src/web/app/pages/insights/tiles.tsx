// SPDX-License-Identifier: MIT
// The collection in four figures.
import { useText } from '../../i18n';
import { money, number } from '../../i18n/format';
import { roundMoney, type Insights } from './data';
import { changeOverYear, fillMonths } from './series';

function Tile({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div class="card flex flex-col-reverse justify-end p-4 sm:p-5">
      <dd class="min-w-0">
        <span class="block truncate font-title text-2xl font-semibold tracking-tight tabular-nums sm:text-3xl">{value}</span>
        <span class="mt-1 block min-h-5 text-sm text-muted">{note}</span>
      </dd>
      <dt class="text-sm text-muted">{label}</dt>
    </div>
  );
}

const signed = (value: number): string => number(value, { signDisplay: 'exceptZero' });
const signedPercent = (value: number): string => number(value, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' });

export function Tiles({ insights: { count, priced, spent, months } }: { insights: Insights }) {
  const { insights } = useText();
  const filled = fillMonths(months);
  const records = changeOverYear(filled, (month) => month.count);
  const value = changeOverYear(filled, (month) => month.total);
  return (
    <dl class="grid grid-cols-2 gap-3 sm:gap-4 lg:grid-cols-4">
      <Tile label={insights.records} value={number(count)} note={records?.ratio != null ? insights.moreThanYear(signedPercent(records.ratio)) : ''} />
      <Tile label={insights.spent} value={roundMoney(spent)} note={value?.ratio != null ? insights.moreThanYear(signedPercent(value.ratio)) : ''} />
      <Tile label={insights.average} value={priced > 0 ? money(spent / priced) : '–'} note={priced > 0 ? insights.priced(number(priced), number(count)) : insights.noPrices} />
      <Tile label={insights.lastYear} value={signed(records?.by ?? 0)} note={value ? roundMoney(value.by) : ''} />
    </dl>
  );
}
