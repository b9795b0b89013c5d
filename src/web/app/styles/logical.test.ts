// SPDX-License-Identifier: MIT
// Pages can be read from right to left: no style knows left and right, only start and end.
import { expect, it } from 'vitest';

const components = import.meta.glob<string>('../**/*.tsx', { query: '?raw', import: 'default', eager: true });
const sheets = import.meta.glob<string>('../**/*.css', { query: '?raw', import: 'default', eager: true });

const size = String.raw`-(?:\d|\[|\(|auto|full|px)`;
const PHYSICAL_CLASS = new RegExp(`^-?(?:(?:scroll-)?[mp][lr]${size}|(?:left|right)${size}|(?:border|rounded)-(?:l|r|tl|tr|bl|br)(?:-|$)|(?:text|float|clear)-(?:left|right)$)`);
const PHYSICAL_RULE = /(?:^|[\s;{])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)|left|right|(?:text-align|float|clear)\s*:\s*(?:left|right))\s*[:;}]/;

/** A class without its variants: "md:hover:ml-2" is "ml-2". */
const bare = (word: string): string => word.slice(word.lastIndexOf(':') + 1).replace(/!$/, '');

it('is so of all classes', () => {
  const found = Object.entries(components).flatMap(([file, text]) =>
    (text.match(/[^\s"'`]+/g) ?? []).filter((word) => PHYSICAL_CLASS.test(bare(word))).map((word) => `${file}: ${word}`));
  expect(Object.keys(components).length).toBeGreaterThan(50);
  expect(found).toEqual([]);
});

it('is so of all style sheets', () => {
  const found = Object.entries(sheets).flatMap(([file, text]) => text.split('\n').filter((line) => PHYSICAL_RULE.test(line)).map((line) => `${file}: ${line.trim()}`));
  expect(Object.keys(sheets).length).toBeGreaterThan(1);
  expect(found).toEqual([]);
});

it('would be noticed', () => {
  expect(['ml-2', '-left-1/2', 'md:pr-[3px]', 'border-l', 'rounded-tl-lg', 'hover:text-right', 'right-0!'].filter((word) => !PHYSICAL_CLASS.test(bare(word)))).toEqual([]);
  expect(['ms-2', 'start-1/2', 'border-line', 'rounded-lg', 'text-start', 'right-to-left', 'placeholder'].filter((word) => PHYSICAL_CLASS.test(bare(word)))).toEqual([]);
  expect([PHYSICAL_RULE.test('  margin-left: 2px;'), PHYSICAL_RULE.test('a { left: 0 }'), PHYSICAL_RULE.test('text-align: right;'), PHYSICAL_RULE.test('inset-inline-start: 0; text-align: start;')]).toEqual([true, true, true, false]);
});
