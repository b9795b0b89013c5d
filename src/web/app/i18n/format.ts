// SPDX-License-Identifier: MIT
// Numbers, money and dates as the reader writes them.
import { currentLook } from '../base/look';
import { currentLocale } from './index';

/** The browser's own variant of the language (de-CH for de), for numbers and dates. */
export function formatLocale(): string {
  const language = currentLocale();
  return navigator.languages.find((tag) => tag.slice(0, 2) === language) ?? language;
}

export const currency = (): string => currentLook().currency ?? 'EUR';

export const number = (value: number, options?: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(formatLocale(), options).format(value);

export const money = (value: number, options?: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(formatLocale(), { style: 'currency', currency: currency(), ...options }).format(value);

/** A point in time, or a date without one ("2026-01-31"), which is the same day everywhere. */
export function date(value: string | Date, options: Intl.DateTimeFormatOptions = { dateStyle: 'medium' }): string {
  const dayOnly = typeof value === 'string' && value.length === 10;
  return new Intl.DateTimeFormat(formatLocale(), dayOnly ? { timeZone: 'UTC', ...options } : options).format(new Date(value));
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60],
];

/** "3 days ago". */
export function ago(value: string | Date): string {
  const seconds = (new Date(value).getTime() - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(formatLocale(), { numeric: 'auto' });
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return format.format(Math.round(seconds / size), unit);
}
