// SPDX-License-Identifier: MIT
// Months as the server tells them, made into what a chart draws: no gaps, running totals, seconds on an axis.

export interface Month {
  /** "2026-01" */
  readonly month: string;
  readonly added: number;
  /** How many records there were at its end. */
  readonly count: number;
  readonly spent: number;
  /** What had been spent by its end. */
  readonly total: number;
}

const MOST_MONTHS = 12 * 200;

function numberOf(month: string): number | null {
  const match = /^(\d{4})-(\d\d)$/.exec(month);
  if (!match) return null;
  const [year, of] = [Number(match[1]), Number(match[2])];
  return of >= 1 && of <= 12 ? year * 12 + of - 1 : null;
}

function nameOf(number: number): string {
  return `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`;
}

/** In order and without gaps: a month in which nothing happened keeps the totals of the one before. */
export function fillMonths(months: readonly Month[]): readonly Month[] {
  const known = months.flatMap((month) => {
    const number = numberOf(month.month);
    return number === null ? [] : [{ ...month, number }];
  });
  known.sort((one, other) => one.number - other.number);
  const filled: Month[] = [];
  for (const { number, ...month } of known) {
    const last = filled[filled.length - 1];
    const lastNumber = last ? (numberOf(last.month) ?? number) : number;
    for (let at = lastNumber + 1; last && at < number && filled.length < MOST_MONTHS; at++) {
      filled.push({ month: nameOf(at), added: 0, spent: 0, count: last.count, total: last.total });
    }
    if (number !== lastNumber || !last) filled.push(month);
  }
  return filled;
}

/** With the month before the first, when there was nothing yet: a collection of one month is a line, too. */
export function fromNothing(months: readonly Month[]): readonly Month[] {
  const first = months[0] ? numberOf(months[0].month) : null;
  return first === null ? months : [{ month: nameOf(first - 1), added: 0, count: 0, spent: 0, total: 0 }, ...months];
}

/** The last `n` months, or all of them. */
export function lastMonths(months: readonly Month[], n: number | null): readonly Month[] {
  return n === null ? months : months.slice(-n);
}

/** The first day of a month in UTC, in seconds as uPlot wants them. */
export function secondsOf(month: string): number {
  return Date.parse(`${month}-01T00:00:00Z`) / 1000;
}

export interface Change {
  readonly by: number;
  /** Of what there was before; null where there was nothing. */
  readonly ratio: number | null;
}

/** What became of a running total over the last twelve months. */
export function changeOverYear(months: readonly Month[], of: (month: Month) => number): Change | null {
  const last = months[months.length - 1];
  if (!last) return null;
  const before = months.length > 12 ? months[months.length - 13] : undefined;
  const was = before ? of(before) : 0;
  const by = of(last) - was;
  return { by, ratio: was > 0 ? by / was : null };
}
