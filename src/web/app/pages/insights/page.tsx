// SPDX-License-Identifier: MIT
// The collection in numbers.
import { useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { get } from '../../api/client';
import { useText } from '../../i18n';
import { number } from '../../i18n/format';
import { Button, ButtonLink } from '../../ui/button';
import { faultText } from '../../ui/fault-text';
import { Empty, PageHeading, Waiting } from '../../ui/page';
import { Bars } from './bars';
import { ChartCard } from './chart-card';
import { Columns } from './columns';
import { amountChart, priceChart, shortMoney, type Amount, type Filter, type Insights, type Measure } from './data';
import { OverTime } from './over-time';
import { Recent } from './recent';
import { Segments } from './segments';
import { Tiles } from './tiles';

const FEW = 8;

/** A chart of amounts; of a long one the beginning, until all is asked for. */
function Amounts({ filter, amounts, measure, look }: { filter: Filter; amounts: readonly Amount[]; measure: Measure; look: 'bars' | 'columns' }) {
  const messages = useText();
  const [all, setAll] = useState(false);
  if (amounts.length === 0) return null;
  const chart = amountChart(filter, amounts, measure, messages);
  const points = all || look === 'columns' ? chart.points : chart.points.slice(0, FEW);
  return (
    <ChartCard chart={chart} kind={look} tick={measure === 'spent' ? shortMoney : (value) => number(value)}>
      {look === 'bars' ? <Bars points={points} /> : <Columns points={points} />}
      {look === 'bars' && chart.points.length > FEW && (
        <div><Button small look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>{all ? messages.insights.fewer : messages.insights.more}</Button></div>
      )}
    </ChartCard>
  );
}

function Charts({ data, measure }: { data: Insights; measure: Measure }) {
  const messages = useText();
  return (
    <div class="flex flex-col gap-4">
      <Tiles insights={data} />
      <OverTime months={data.months} measure={measure} />
      <div class="grid gap-4 lg:grid-cols-2">
        <Amounts filter="format" amounts={data.byFormat} measure={measure} look="bars" />
        <Amounts filter="decade" amounts={data.byDecade} measure={measure} look="columns" />
        <Amounts filter="grade" amounts={data.byGrade} measure={measure} look="columns" />
        {data.prices.length > 0 && <ChartCard chart={priceChart(data.prices, messages)} kind="columns" tick={(value) => number(value)}><Columns points={priceChart(data.prices, messages).points} /></ChartCard>}
        <Amounts filter="artist" amounts={data.byArtist} measure={measure} look="bars" />
        <Amounts filter="label" amounts={data.byLabel} measure={measure} look="bars" />
      </div>
      <Recent />
    </div>
  );
}

export default function InsightsPage() {
  const messages = useText();
  const { insights, shell } = messages;
  const [measure, setMeasure] = useState<Measure>('count');
  const { data, error, refetch } = useQuery({ queryKey: ['insights'], queryFn: ({ signal }) => get<Insights>('/api/records/insights', signal) });
  const empty = data?.count === 0;
  return (
    <div class="mx-auto max-w-6xl">
      <PageHeading title={insights.title}>
        {data && !empty && <Segments label={insights.what} value={measure} onChange={setMeasure} options={[['count', insights.count], ['spent', insights.value]]} />}
      </PageHeading>
      {empty ? <Empty icon="chart" title={insights.none} actions={<ButtonLink href="/import" look="main" icon="upload">{insights.toImport}</ButtonLink>}>{insights.noneWhy}</Empty>
        : data ? <Charts data={data} measure={measure} />
          : error ? <Empty icon="warning" title={faultText(error, messages)} actions={<Button onClick={() => void refetch()}>{shell.retry}</Button>} />
            : <Waiting />}
    </div>
  );
}
