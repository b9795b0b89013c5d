// SPDX-License-Identifier: MIT
// A scanner's Enter must not save the form, and a person's Enter must.
import { expect, test } from 'vitest';
import { Wedge } from './wedge';

function type(wedge: Wedge, text: string, gap: number, from = 0) {
  let at = from;
  for (const key of text) wedge.press(key, (at += gap));
  return { at, end: wedge.press('Enter', (at += gap)) };
}

test('a code typed within moments is a scanner', () => {
  expect(type(new Wedge(), '4006381333931', 8).end).toEqual({ code: '4006381333931' });
});

test('fingers are not', () => {
  expect(type(new Wedge(), '4006381333931', 120).end).toBeNull();
});

test('a person who pauses before Enter is a person', () => {
  const wedge = new Wedge();
  for (let i = 0; i < 13; i++) wedge.press('1', i * 10);
  expect(wedge.press('Enter', 1000)).toBeNull();
});

test('what was typed by hand before the scan is no part of it', () => {
  const wedge = new Wedge();
  wedge.press('x', 0);
  expect(type(wedge, '96385074', 5, 500).end).toEqual({ code: '96385074' });
});

test('a second Enter of the scanner is part of the scan; a later one is not', () => {
  const wedge = new Wedge();
  const { at } = type(wedge, '96385074', 5);
  expect(wedge.press('Enter', at + 5)).toBe('tail');
  expect(wedge.press('Enter', at + 900)).toBeNull();
});
