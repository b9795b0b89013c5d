// SPDX-License-Identifier: MIT
// The collection in numbers: right, for everybody, and leading to the records.
import { readFileSync } from 'node:fs';
import { expectGoodLooks, looks, wear } from './support/look';
import { expect, test, type Account, type Page, type RealServer } from './support/test';

async function fill(server: RealServer, { token }: Account): Promise<void> {
  const head = 'artist,name,format,label,releaseYear,recordGrade,purchasedAt,pricePaid';
  const formats = ['LP', 'LP', 'LP', '7"', 'CD'], labels = ['Blue Note', 'Warp', 'ECM'], grades = ['NM', 'VG+', 'VG'];
  const rows = Array.from({ length: 120 }, (_, at) => [
    `Artist ${at % 9}`, `Album ${at}`, `"${formats[at % 5]?.replaceAll('"', '""')}"`, labels[at % 3], 1955 + (at % 60), grades[at % 3],
    `${2021 + (at % 5)}-${String(1 + (at % 12)).padStart(2, '0')}-15`, at % 4 === 0 ? '' : `${5 + (at % 30)}.50`,
  ].join(','));
  const { body: job } = await server.ask('POST', '/api/records/import', { token, body: [head, ...rows].join('\n'), headers: { 'content-type': 'text/csv' } });
  await expect.poll(async () => (await server.ask('GET', `/api/jobs/${job.id}`, { token })).body.status).toBe('done');
}

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('an empty collection says what to do', async ({ signedIn: page }) => {
  await page.goto('/insights');
  await page.getByRole('link', { name: 'Import a collection' }).click();
  await expect(page).toHaveURL('/import');
});

test.describe('of a collection', () => {
  test.beforeEach(async ({ server, account }) => fill(server, account));

  test('the figures are those of the records', async ({ signedIn: page }) => {
    await page.goto('/insights');
    await expect(page.locator('dl > div').filter({ hasText: 'Records' }).locator('dd')).toContainText('120');
    await expect(page.getByText('90 of 120 have a price')).toBeVisible();
    await card(page, 'By format').getByText('Table').click();
    await expect(card(page, 'By format').getByRole('row', { name: /^LP 72 60% / })).toBeVisible();
    await expect(card(page, 'By format').getByRole('row', { name: /^7" 24 20% / })).toBeVisible();
  });

  test('each bar leads to the records behind it', async ({ signedIn: page }) => {
    await page.goto('/insights');
    await card(page, 'By format').getByRole('link', { name: /^7"/ }).click();
    await expect(page).toHaveURL('/records?format=7%22');
    await page.goBack();
    await card(page, 'By decade').getByRole('link', { name: /1950s/ }).click();
    await expect(page).toHaveURL('/records?decade=1950');
    await page.goBack();
    await card(page, 'By grade').getByRole('link', { name: /VG\+/ }).click();
    await expect(page).toHaveURL('/records?grade=VG%2B');
  });

  test('value and count, and the years shown, can be chosen by keyboard', async ({ signedIn: page }) => {
    await page.goto('/insights');
    const time = card(page, 'Over time');
    await expect(time.getByText('120 records')).toBeVisible();
    await page.getByRole('radiogroup', { name: 'What is shown' }).getByRole('radio', { name: 'Count' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(time.getByText('Paid in all, by month')).toBeVisible();
    await time.getByRole('radio', { name: 'All' }).focus();
    await page.keyboard.press('ArrowLeft');
    await expect(time.getByRole('radio', { name: '5 years' })).toBeChecked();
    await expect(time.locator('canvas')).toBeVisible();
  });

  test('charts are saved as an image and as a table', async ({ signedIn: page }) => {
    await page.goto('/insights');
    const save = async (chart: string, how: string) => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: `Save “${chart}”` }).click();
      await page.getByRole('menuitem', { name: how }).click();
      return readFileSync(await (await download).path());
    };
    for (const chart of ['By format', 'By decade', 'Over time']) {
      const image = await save(chart, 'Save as an image');
      expect(image.subarray(1, 4).toString()).toBe('PNG');
      expect(image.length).toBeGreaterThan(5000);
    }
    const table = (await save('By format', 'Save as CSV')).toString();
    expect(table).toContain('Format,Records,Share,Paid in all\r\nLP,72,0.6,');
  });

  for (const look of looks) {
    test(`they are for everybody, and fit: ${look.name}`, async ({ signedIn: page }) => {
      await wear(page, look);
      await page.goto('/insights');
      await expect(page.locator('canvas')).toBeVisible();
      await expectGoodLooks(page, `insights-${look.name}`);
      for (const radio of await page.locator('input[value=table]').all()) await radio.dispatchEvent('click');
      await expect(page.getByRole('table').first()).toBeVisible();
      await expectGoodLooks(page, `insights-tables-${look.name}`);
    });
  }
});
