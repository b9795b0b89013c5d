// SPDX-License-Identifier: MIT
// Days and years as the form holds them: `2026-01-31` and `1973`, whatever the locale shows.
export const MIN_YEAR = 1857;
export const MAX_YEAR = 2100;

/** Whether a text is a day that exists, as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** The day of a time that the server told, in UTC: it was a day when it was entered. */
export function dayOf(time: string | null | undefined): string {
  return time ? time.slice(0, 10) : '';
}

/** A year, null for nothing, undefined for what is none. Native digits count. */
export function parseYear(text: string): number | null | undefined {
  const plain = text.normalize('NFKC').trim().replace(/[\u0660-\u0669]/g, (c) => String(c.charCodeAt(0) - 0x660));
  if (plain === '') return null;
  if (!/^\d{4}$/.test(plain)) return undefined;
  const year = Number(plain);
  return year >= MIN_YEAR && year <= MAX_YEAR ? year : undefined;
}

/** Today where the user is: what a date picker should begin with. */
export function today(now: Date = new Date()): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
