// SPDX-License-Identifier: MIT
// A running total over months, drawn by uPlot: exact under the pointer, in the colours and the direction of the page.
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { date } from '../../i18n/format';
import { inkOf, type Ink } from './paint';
import { ticksTo } from './scales';

interface Props {
  /** Seconds and values, in order. */
  times: readonly number[];
  values: readonly number[];
  tick: (value: number) => string;
  rtl: boolean;
  /** What it shows, for those who cannot see it. */
  label: string;
  /** The point under the pointer, or null. */
  onPoint: (index: number | null) => void;
  /** Changes when the theme does. */
  theme: string;
}

const HEIGHT = 280;
const DAY = 86_400;

/** Over some years the years, each once; else months. */
function tickText(seconds: number, span: number): string {
  const day = new Date(seconds * 1000);
  if (span <= 3 * 366 * DAY) return date(day, { month: 'short', year: '2-digit', timeZone: 'UTC' });
  return day.getUTCMonth() === 0 ? date(day, { year: 'numeric', timeZone: 'UTC' }) : '';
}

function optionsOf({ tick, rtl, onPoint, values }: Props, ink: Ink, width: number): UPlot.Options {
  const ticks = ticksTo(Math.max(0, ...values));
  const axis = { stroke: ink.muted, font: `12px ${ink.font}`, ticks: { show: false }, grid: { stroke: ink.line, width: 1 } };
  const gradient = (plot: UPlot): CanvasGradient => {
    const fill = plot.ctx.createLinearGradient(0, plot.bbox.top, 0, plot.bbox.top + plot.bbox.height);
    fill.addColorStop(0, `${ink.accent}55`);
    fill.addColorStop(1, `${ink.accent}08`);
    return fill;
  };
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    scales: { x: { dir: rtl ? -1 : 1 }, y: { range: () => [0, ticks[ticks.length - 1] ?? 1] } },
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
    series: [{}, { stroke: ink.accent, width: 2.5, fill: gradient, points: { show: values.length < 2 } }],
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 32, values: (plot, splits) => splits.map((at) => tickText(at, (plot.scales.x?.max ?? 0) - (plot.scales.x?.min ?? 0))) },
      { ...axis, side: rtl ? 1 : 3, splits: () => [...ticks], values: (_, splits) => splits.map(tick), size: (_, texts) => 14 + Math.max(24, ...(texts ?? []).map((text) => text.length * 7)) },
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

export default function TimeChart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { times, values, rtl, label, theme } = props;
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const plot = new UPlot(optionsOf(props, inkOf(element), Math.max(200, element.clientWidth)), [[...times], [...values]], element);
    const resize = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }));
    resize.observe(element);
    return () => { resize.disconnect(); plot.destroy(); };
  }, [times, values, rtl, theme, props.tick]);
  return <div ref={box} role="img" aria-label={label} dir="ltr" class="h-[280px] w-full" onPointerLeave={() => props.onPoint(null)} />;
}
