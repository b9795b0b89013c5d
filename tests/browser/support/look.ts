// SPDX-License-Identifier: MIT
// How a page looks: theme, language, the size of the screen; and what must hold for each of them.
import { expect, expectAccessible, shoot, type Page } from './test';

export interface Look { readonly name: string; readonly scheme: 'light' | 'dark'; readonly locale: string; readonly width: number; readonly height: number }

export const looks: readonly Look[] = [
  { name: 'light', scheme: 'light', locale: 'en', width: 1280, height: 900 },
  { name: 'dark', scheme: 'dark', locale: 'en', width: 1280, height: 900 },
  { name: 'phone', scheme: 'light', locale: 'en', width: 390, height: 844 },
  { name: 'arabic', scheme: 'light', locale: 'ar', width: 1280, height: 900 },
  { name: 'arabic-phone', scheme: 'dark', locale: 'ar', width: 390, height: 844 },
  { name: 'german-phone', scheme: 'dark', locale: 'de', width: 390, height: 844 },
];

/** To be called before the page is opened. */
export async function wear(page: Page, { scheme, locale, width, height }: Look): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.addInitScript((chosen) => localStorage.setItem('recordd.look', JSON.stringify({ locale: chosen })), locale);
}

/** Nothing that axe finds, nothing wider than the screen; a picture to look at. */
export async function expectGoodLooks(page: Page, name: string): Promise<void> {
  await shoot(page, name);
  // All of it in sight: what scrolls below the bar of a phone is covered only until one scrolls on.
  const screen = page.viewportSize();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  if (screen) await page.setViewportSize({ width: screen.width, height: Math.max(screen.height, height + 100) });
  await expectAccessible(page);
  if (screen) await page.setViewportSize(screen);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(tooWide, 'pixels that the page is wider than the screen').toBeLessThanOrEqual(0);
}
