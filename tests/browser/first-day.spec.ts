// SPDX-License-Identifier: MIT
// A collector's first day, on one phone, from the link that the server printed to a copy of everything on the disk.
import { readFileSync } from 'node:fs';
import { expect, RealServer, test, type Page } from './support/test';

const ARTISTS = ['Boards Of Canada', 'Art Blakey', 'Nina Simone', 'Fela Kuti', 'Kraftwerk', 'Alice Coltrane'];
const EXPORT = [
  'Catalog#,Artist,Title,Label,Format,Rating,Released,release_id,CollectionFolder,Date Added,Collection Media Condition,Collection Sleeve Condition,Collection Notes',
  ...Array.from({ length: 24 }, (_, at) => `CAT ${at},${ARTISTS[at % 6]},Volume ${at},Warp Records,"LP, Album",,${1960 + at},${4000 + at},Jazz,2015-03-01 10:00:00,Near Mint (NM or M-),Very Good Plus (VG+),`),
].join('\n');

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const status = (page: Page, text: string) => expect(page.getByRole('status').filter({ hasText: text }).first()).toBeVisible();

test('a collector makes the first account, brings a collection in, mends a grade, takes a deletion back and has it all on the disk', { tag: '@both' }, async ({ browser }) => {
  const server = await RealServer.start();
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, ignoreHTTPSErrors: true, locale: 'en-GB' });
  await context.addInitScript(() => { delete (window as { showSaveFilePicker?: unknown }).showSaveFilePicker; });
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/#setup=${server.setup}`);
    await page.getByLabel('E-mail address').fill('ann@example.org');
    await page.getByLabel('Password', { exact: true }).fill('a good long password');
    await button(page, 'Create the account').tap();

    await page.getByRole('main').getByRole('link', { name: /import/i }).first().tap();
    await page.locator('input[type=file]').setInputFiles({ name: 'discogs.csv', mimeType: 'text/csv', buffer: Buffer.from(EXPORT) });
    await expect(page.getByRole('heading', { name: 'A Discogs collection export' })).toBeVisible();
    await button(page, 'Continue').tap();
    await button(page, 'Import now').tap();
    await expect(page.getByRole('heading', { name: 'Your records are here' })).toBeVisible();

    await page.getByRole('navigation').getByRole('link', { name: 'Records' }).tap();
    await page.getByRole('searchbox', { name: 'Search your records' }).fill('krafwerk volume 4');
    await expect(page.getByText('Showing results for')).toBeVisible();
    await page.getByRole('link', { name: /Volume 4(?!\d)/ }).first().tap();
    await expect(page.getByRole('heading', { level: 1, name: 'Volume 4' })).toBeVisible();
    await page.getByRole('link', { name: 'Edit' }).tap();
    await button(page, /^Record grade:/).tap();
    await page.getByRole('radio', { name: 'VG+', exact: true }).tap();
    await page.locator('button[type=submit]').tap();
    await expect(page.locator('abbr', { hasText: 'VG+' }).first()).toBeVisible();

    await page.goto(`${server.url}/records?artist=Nina+Simone`);
    await status(page, '4 records found');
    await button(page, 'More actions').tap();
    await page.getByRole('menuitem', { name: /^Select/ }).first().tap();
    await page.getByRole('toolbar').getByRole('button', { name: /^Select all/ }).tap();
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).tap();
    await status(page, '4 records moved to the trash.');
    await button(page, 'Undo').tap();
    await status(page, '4 records found');

    await page.goto(`${server.url}/import`);
    const download = page.waitForEvent('download');
    await button(page, /^JSON/).tap();
    const all = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as { artist: string; name: string; recordGrade: string }[];
    expect(all).toHaveLength(24);
    expect(all.filter((record) => record.artist === 'Nina Simone')).toHaveLength(4);
    expect(all.find((record) => record.name === 'Volume 4')?.recordGrade).toBe('VG+');
  } finally {
    await context.close();
    await server.end();
  }
});
