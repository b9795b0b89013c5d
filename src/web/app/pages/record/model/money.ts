// SPDX-License-Identifier: MIT
// Money as people write it where they live. Amounts are whole hundredths; they never pass through fractions.
export const MAX_CENTS = 999_999_999_999;

interface Habits {
  decimal: string;
  group: string;
  digits: Map<string, string>;
}

const habits = new Map<string, Habits>();

function habitsOf(locale: string): Habits {
  let found = habits.get(locale);
  if (!found) {
    const parts = new Intl.NumberFormat(locale).formatToParts(1234567.8);
    const part = (type: string, otherwise: string): string => parts.find((each) => each.type === type)?.value ?? otherwise;
    const digit = new Intl.NumberFormat(locale, { useGrouping: false });
    found = {
      decimal: part('decimal', '.'),
      group: part('group', ','),
      digits: new Map([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [digit.format(n), String(n)])),
    };
    habits.set(locale, found);
  }
  return found;
}

/** Native digits to 0–9; the Arabic separators to those that the locale is said to use; no blanks, quotes or currency. */
function plain(text: string, { digits, decimal, group }: Habits): string {
  return [...text.normalize('NFKC')]
    .map((char) => digits.get(char) ?? arabic(char) ?? (char === '٫' ? decimal : char === '٬' ? group : char))
    .join('')
    .replace(/[\s'’\u200e\u200f\u061c]/g, '')
    .replace(/^(\p{Sc}|\p{L}+\.?)+|(\p{Sc}|\p{L}+\.?)+$/gu, '');
}

function arabic(char: string): string | null {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x660 && code <= 0x669) return String(code - 0x660);
  return code >= 0x6f0 && code <= 0x6f9 ? String(code - 0x6f0) : null;
}

const grouped = /^\d{1,3}([.,٫٬])\d{3}(\1\d{3})*$/;

/** Which character, if any, begins the decimals. Null: it cannot be told. */
function decimalOf(text: string, { decimal, group }: Habits): string | null {
  const marks = [...text.matchAll(/[^\d]/g)].map(([mark]) => mark);
  const last = marks.at(-1);
  if (last === undefined) return '';
  if (!marks.every((mark) => mark === '.' || mark === ',' || mark === decimal || mark === group)) return null;
  if (marks.filter((mark) => mark === last).length > 1) return new Set(marks).size === 1 ? '' : null;
  if (marks.length > 1) return last;
  const decimals = text.length - 1 - text.lastIndexOf(last);
  return last === decimal || decimals !== 3 ? last : '';
}

/**
 * Hundredths; null for an empty text; undefined for what is no amount. `1.234,50` and `1,234.50` mean the same wherever
 * both marks are there. One mark before three digits groups where it does so in this locale, and is refused elsewhere.
 */
export function parseMoney(text: string, locale: string): number | null | undefined {
  const own = habitsOf(locale);
  const clean = plain(text, own);
  if (clean === '') return text.trim() === '' ? null : undefined;
  const decimal = decimalOf(clean, own);
  if (decimal === null) return undefined;
  const cut = decimal === '' ? clean.length : clean.lastIndexOf(decimal);
  const whole = clean.slice(0, cut);
  const fraction = clean.slice(cut + 1);
  if (!/^\d*$/.test(whole) && !grouped.test(whole)) return undefined;
  if (!/^\d{0,2}$/.test(fraction) || whole + fraction === '') return undefined;
  const cents = Number(whole.replace(/\D/g, '') || '0') * 100 + Number(fraction.padEnd(2, '0'));
  return cents <= MAX_CENTS ? cents : undefined;
}

/** As the server takes it: a number whose shortest text has at most two decimals. */
export function amountOf(cents: number): number {
  return cents / 100;
}

/** How an amount stands in the field: the locale's decimal mark, no groups, so that it reads back as it is. */
export function moneyText(amount: number | null | undefined, locale: string): string {
  if (amount === null || amount === undefined) return '';
  return new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: false }).format(amount);
}

/** The currency's sign, and whether it stands after the number. */
export function currencySign(locale: string, currency: string): { sign: string; after: boolean } {
  const parts = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).formatToParts(1);
  const at = parts.findIndex(({ type }) => type === 'currency');
  return { sign: parts[at]?.value ?? currency, after: at > parts.findIndex(({ type }) => type === 'integer') };
}
