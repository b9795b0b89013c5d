// SPDX-License-Identifier: MIT
// A chart with the table behind it, and both to be saved.
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { currentLocale, directionOf, useText } from '../../i18n';
import { Icon } from '../../ui/icon';
import { Menu } from '../../ui/menu';
import { saveBlob } from '../import/save';
import { toCsv } from './csv';
import type { Chart } from './data';
import { inkOf, pictureBlob, type Picture } from './paint';
import { Segments } from './segments';

function Table({ chart }: { chart: Chart }) {
  const { insights } = useText();
  return (
    <div class="max-h-96 overflow-auto rounded-lg border border-line" tabIndex={0} role="region" aria-label={`${chart.title}: ${insights.showTable}`}>
      <table class="w-full text-sm [overflow-wrap:normal]">
        <thead class="sticky top-0 bg-sunken text-muted">
          <tr>{chart.heads.map((head, at) => <th key={head} scope="col" class={`px-2 py-2 font-medium sm:px-3 ${at === 0 ? 'text-start' : 'text-end'}`}>{head}</th>)}</tr>
        </thead>
        <tbody>
          {chart.points.map((point) => (
            <tr key={point.label} class="border-t border-line">
              {point.cells.map((cell, at) => (at === 0
                ? <th key={at} scope="row" class="px-2 py-2 text-start font-normal sm:px-3">{point.href ? <Link href={point.href} class="link"><bdi>{cell}</bdi></Link> : <bdi>{cell}</bdi>}</th>
                : <td key={at} class="px-2 py-2 text-end whitespace-nowrap tabular-nums sm:px-3">{cell}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Props {
  chart: Chart;
  kind: Picture['kind'];
  tick: (value: number) => string;
  class?: string;
  controls?: ComponentChildren;
  children: ComponentChildren;
}

export function ChartCard({ chart, kind, tick, class: more = '', controls, children }: Props) {
  const { insights } = useText();
  const id = useId();
  const card = useRef<HTMLElement>(null);
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const saveImage = () => {
    if (!card.current) return;
    const picture: Picture = { title: chart.title, subtitle: chart.measure, kind, points: chart.points, tick, rtl: directionOf(currentLocale()) === 'rtl' };
    void pictureBlob(picture, inkOf(card.current)).then((blob) => saveBlob(blob, `recordd-${chart.name}.png`));
  };
  const saveCsv = () => saveBlob(new Blob([toCsv(chart.heads, chart.points.map((point) => point.raw))], { type: 'text/csv' }), `recordd-${chart.name}.csv`);
  return (
    <section ref={card} aria-labelledby={id} class={`card flex min-w-0 flex-col gap-4 p-4 sm:p-5 ${more}`}>
      <header class="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div class="min-w-0 grow">
          <h2 id={id} class="font-title text-lg font-semibold">{chart.title}</h2>
          <p class="text-sm text-muted">{chart.measure}</p>
        </div>
        {controls}
        <Segments label={insights.view} value={view} onChange={setView} options={[['chart', insights.showChart], ['table', insights.showTable]]} />
        <Menu name={insights.saveOf(chart.title)} class="inline-grid size-9 place-items-center rounded-lg hover:bg-sunken"
          items={[{ label: insights.image, icon: 'download', run: saveImage }, { label: insights.csv, icon: 'rows', run: saveCsv }]}>
          <Icon name="download" />
        </Menu>
      </header>
      {view === 'chart' ? children : <Table chart={chart} />}
    </section>
  );
}
