// SPDX-License-Identifier: MIT
// Every page in the language that is written from right to left, and in the one with the long words.
import { expectGoodLooks, wear, type Look } from './support/look';
import { expect, test } from './support/test';

const languages: readonly Look[] = [
  { name: 'arabic', scheme: 'light', locale: 'ar', width: 1280, height: 900 },
  { name: 'arabic-phone', scheme: 'dark', locale: 'ar', width: 390, height: 844 },
  { name: 'german', scheme: 'dark', locale: 'de', width: 1280, height: 900 },
  { name: 'german-phone', scheme: 'light', locale: 'de', width: 390, height: 844 },
];

const MIXED = { artist: 'أم كلثوم', name: 'Live (ألف ليلة وليلة) 1969', format: 'LP', label: 'صوت القاهرة', catalogNumber: 'SC-22-101', recordGrade: 'VG+', sleeveGrade: 'EX-', pricePaid: 24.5, notes: 'Bought in Cairo. جيدة جدًا.' };

for (const look of languages) {
  test(`pages for everybody: ${look.name}`, async ({ visitor: page }) => {
    await wear(page, look);
    for (const [path, name] of [['/', 'welcome'], ['/sign-in', 'sign-in']] as const) {
      await page.goto(path);
      await expect(page.locator('html')).toHaveAttribute('lang', look.locale);
      await expect(page.locator('html')).toHaveAttribute('dir', look.locale === 'ar' ? 'rtl' : 'ltr');
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expectGoodLooks(page, `${name}-${look.name}`);
    }
  });

  test(`pages of a collection: ${look.name}`, async ({ signedIn: page, server, account }) => {
    const record = await server.addRecord(account.token, MIXED);
    await server.addRecord(account.token, { artist: 'The Velvet Underground', name: 'White Light/White Heat' });
    await wear(page, look);
    const paths = { home: '/', records: '/records', table: '/records?view=table', record: `/records/${record.id}`, editor: `/records/${record.id}/edit`, trash: '/records/trash', shop: '/shop', settings: '/settings', tokens: '/settings/tokens' };
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await page.waitForTimeout(300); // what comes in a moment later
      await expectGoodLooks(page, `${name}-${look.name}`);
    }
  });
}

test('a title is cut at its own end, whatever the direction of the page', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { artist: 'Godspeed You! Black Emperor', name: 'Lift Your Skinny Fists Like Antennas to Heaven and What Comes After It' });
  await wear(page, { name: 'arabic', scheme: 'light', locale: 'ar', width: 1280, height: 900 });
  await page.goto('/records');
  const title = page.getByText('Lift Your Skinny Fists').first();
  await expect(title).toBeVisible();
  const [direction, align] = await title.evaluate((element) => [getComputedStyle(element).direction, getComputedStyle(element).textAlign]);
  expect([direction, align]).toEqual(['ltr', 'right']);
});
