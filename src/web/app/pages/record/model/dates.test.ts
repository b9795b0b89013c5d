// SPDX-License-Identifier: MIT
// Dates: a day that does not exist is refused, and no time zone moves one that does.
import { expect, test } from 'vitest';
import { dayOf, isDay, parseYear, today } from './dates';

test('only days that exist are days', () => {
  expect(['2026-01-31', '2024-02-29', '1973-03-01'].every(isDay)).toBe(true);
  expect(['2026-02-30', '2025-02-29', '2026-13-01', '1973', '', '31.01.2026', '2026-1-1'].some(isDay)).toBe(false);
});

test('a year is four digits between the phonautograph and 2100', () => {
  expect(parseYear('1973')).toBe(1973);
  expect(parseYear(' ١٩٧٣ ')).toBe(1973);
  expect(parseYear('')).toBeNull();
  for (const wrong of ['73', '1856', '2101', '19733', '197a', '-1973']) expect(parseYear(wrong)).toBeUndefined();
});

test('the day of a time is the one that was entered', () => {
  expect(dayOf('2026-01-31T00:00:00.000Z')).toBe('2026-01-31');
  expect(dayOf(null)).toBe('');
});

test('today is a local day', () => expect(today(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05'));
