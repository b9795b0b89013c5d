// SPDX-License-Identifier: MIT
// What the collection became, month by month: what was paid in all, or how many records there were.
import { useMemo, useState } from 'preact/hooks';
import { currentLocale, directionOf, useText } from '../../i18n';
import { date, money, number } from '../../i18n/format';
import { lazily } from '../../ui/lazy';
import { ChartCard } from './chart-card';
import { roundMoney, shortMoney, type Chart, type Measure } from './data';
import { Segments } from './segments';
import { fillMonths, fromNothing, lastMonths, secondsOf, type Month } from './series';
import { useTheme } from './theme';

const TimeChart = lazily(() => import('./time-chart'));

const spans = { 12: 13, 60: 61, all: null } as const;
type Span = '12' | '60' | 'all';

const shortCount = (value: number): string => number(value, { notation: 'compact', maximumFractionDigits: 1 });
const monthText = (month: string, style: 'short' | 'long' = 'short'): string => date(`${month}-01`, { month: style, year: 'numeric' });

function chartOf(months: readonly Month[], measure: Measure, insights: ReturnType<typeof useText>['insights']): Chart {
  return {
    name: 'over-time',
    title: insights.overTime,
    measure: measure === 'spent' ? insights.overTimeValue : insights.overTimeCount,
    heads: [insights.colMonth, insights.colAdded, insights.colCount, insights.colSpent, insights.colTotal],
    points: months.map(({ month, added, count, spent, total }) => ({
      label: monthText(month),
      value: measure === 'spent' ? total : count,
      text: measure === 'spent' ? roundMoney(total) : number(count),
      href: null,
      cells: [monthText(month), number(added), number(count), money(spent), money(total)],
      raw: [month, added, count, spent, total],
    })),
  };
}

/** What there was in the month under the pointer; else at the end. */
function Reading({ month, measure }: { month: Month | undefined; measure: Measure }) {
  const { insights } = useText();
  if (!month) return null;
  const [main, other] = measure === 'spent' ? [money(month.total), insights.nRecords(month.count, number(month.count))] : [insights.nRecords(month.count, number(month.count)), money(month.total)];
  return (
    <p class="flex flex-wrap items-baseline gap-x-3 tabular-nums">
      <span class="font-title text-2xl font-semibold">{main}</span>
      <span class="text-muted">{other}</span>
      <span class="text-muted">{monthText(month.month, 'long')}</span>
    </p>
  );
}

export function OverTime({ months, measure, class: more }: { months: readonly Month[]; measure: Measure; class?: string }) {
  const { insights } = useText();
  const theme = useTheme();
  const [span, setSpan] = useState<Span>('all');
  const [pointed, setPointed] = useState<number | null>(null);
  const shown = useMemo(() => lastMonths(fromNothing(fillMonths(months)), spans[span]), [months, span]);
  const times = useMemo(() => shown.map((month) => secondsOf(month.month)), [shown]);
  const values = useMemo(() => shown.map((month) => (measure === 'spent' ? month.total : month.count)), [shown, measure]);
  const chart = chartOf(shown, measure, insights);
  const tick = measure === 'spent' ? shortMoney : shortCount;
  const last = shown[shown.length - 1];
  const first = shown[0];
  const summary = first && last ? `${monthText(first.month, 'long')} – ${monthText(last.month, 'long')}` : '';
  return (
    <ChartCard chart={chart} kind="area" tick={tick} class={more ?? ''}
      controls={<Segments label={insights.range} value={span} onChange={setSpan} options={[['12', insights.range12], ['60', insights.range60], ['all', insights.rangeAll]]} />}>
      <Reading month={shown[pointed ?? shown.length - 1]} measure={measure} />
      <div class="min-h-[280px]">
        <TimeChart times={times} values={values} tick={tick} rtl={directionOf(currentLocale()) === 'rtl'} theme={theme} onPoint={setPointed}
          label={insights.chartOf(chart.title, `${chart.measure}, ${summary}`)} />
      </div>
    </ChartCard>
  );
}
