// SPDX-License-Identifier: MIT
// What the server knows of a collection in numbers, made into charts: labels, values, and where each leads to.
import type { Messages } from '../../i18n';
import { money, number } from '../../i18n/format';
import type { Month } from './series';

export interface Amount { value: string | number | null; count: number; spent: number | null }
export interface PriceRange { from: number; to: number | null; count: number }

export interface Insights {
  count: number;
  priced: number;
  spent: number;
  byFormat: Amount[];
  byLabel: Amount[];
  byArtist: Amount[];
  byDecade: Amount[];
  byGrade: Amount[];
  months: Month[];
  prices: PriceRange[];
}

/** What the bars measure. */
export type Measure = 'count' | 'spent';
export type Filter = 'format' | 'label' | 'artist' | 'decade' | 'grade';

export interface Point {
  readonly label: string;
  readonly value: number;
  /** The value as people read it. */
  readonly text: string;
  readonly href: string | null;
  /** The cells of its row in the table behind the chart. */
  readonly cells: readonly string[];
  /** The same for a program. */
  readonly raw: readonly (string | number)[];
}

export interface Chart {
  /** Also the name of a file that it is saved as. */
  readonly name: string;
  readonly title: string;
  readonly measure: string;
  readonly heads: readonly string[];
  readonly points: readonly Point[];
}

/** Where the records behind a bar are listed. */
export function recordsAt(filter: Filter, value: string): string {
  return `/records?${new URLSearchParams({ [filter]: value }).toString()}`;
}

/** Money on an axis or a bar: without cents where they tell nothing. */
export const roundMoney = (value: number): string => money(value, Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : {});
export const shortMoney = (value: number): string => money(value, { notation: 'compact', maximumFractionDigits: 1, minimumFractionDigits: 0 });

/** A year is written without signs between its digits. */
const year = (value: string): string => number(Number(value), { useGrouping: false });

export function amountChart(filter: Filter, amounts: readonly Amount[], measure: Measure, messages: Messages): Chart {
  const { insights } = messages;
  const titles = { format: insights.byFormat, label: insights.byLabel, artist: insights.byArtist, decade: insights.byDecade, grade: insights.byGrade };
  const heads = { format: insights.colFormat, label: insights.colLabel, artist: insights.colArtist, decade: insights.colDecade, grade: insights.colGrade };
  const whole = amounts.reduce((sum, amount) => sum + amount.count, 0);
  const points = amounts.map(({ value, count, spent }) => {
    const given = value === null ? '' : String(value);
    const label = given === '' ? insights.unknown : filter === 'decade' ? insights.decade(year(given)) : given;
    const paid = spent ?? 0;
    return {
      label,
      value: measure === 'count' ? count : paid,
      text: measure === 'count' ? number(count) : roundMoney(paid),
      href: given === '' ? null : recordsAt(filter, given),
      cells: [label, number(count), number(whole > 0 ? count / whole : 0, { style: 'percent', maximumFractionDigits: 1 }), money(paid)],
      raw: [given, count, whole > 0 ? Number((count / whole).toFixed(4)) : 0, paid],
    };
  });
  return {
    name: `by-${filter}`,
    title: titles[filter],
    measure: measure === 'count' ? insights.records : insights.spent,
    heads: [heads[filter], insights.records, insights.colShare, insights.spent],
    points,
  };
}

export function priceChart(prices: readonly PriceRange[], { insights }: Messages): Chart {
  const whole = (value: number): string => money(value, { maximumFractionDigits: 0 });
  const points = prices.map(({ from, to, count }) => {
    const label = to === null ? insights.from(whole(from)) : insights.between(number(from), whole(to));
    return { label, value: count, text: number(count), href: null, cells: [label, number(count)], raw: [from, to ?? '', count] };
  });
  return { name: 'prices', title: insights.prices, measure: insights.records, heads: [insights.colPrice, insights.records], points };
}
