// SPDX-License-Identifier: MIT
// What is shared can be seen by whoever has the link, and nothing more of it.
import { expect, expectAccessible, shoot, test } from './support/test';

async function share(server: { ask: Function }, token: string, json: object): Promise<string> {
  return (await server.ask('POST', '/api/shares', { token, json })).body.url as string;
}

test('a shared collection is seen and searched without an account, prices hidden', async ({ visitor: page, server, account }) => {
  await server.addRecord(account.token, { artist: 'Miles Davis', name: 'Kind of Blue', pricePaid: 123.45, notes: 'my own business' });
  await server.addRecord(account.token, { artist: 'Björk', name: 'Homogenic', pricePaid: 99.99 });
  await page.goto(await share(server, account.token, { kind: 'collection', title: 'Things I play' }));
  await expect(page.getByRole('heading', { level: 1, name: 'Things I play' })).toBeVisible();
  await expect(page.getByText('2 records')).toBeVisible();
  await page.waitForLoadState('networkidle');
  await expectAccessible(page);
  await shoot(page, 'shared');
  await page.getByLabel('Search in this collection').fill('bjork');
  await expect(page.getByText('Kind of Blue')).toHaveCount(0);
  await expect(page).toHaveURL(/\?q=bjork$/);
  await page.getByRole('link', { name: /Homogenic/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Homogenic' })).toBeVisible();
  await expectAccessible(page);
  await page.goBack();
  await expect(page.getByLabel('Search in this collection')).toHaveValue('bjork');
  await page.getByLabel('Search in this collection').fill('xylophone');
  await expect(page.getByRole('heading', { name: 'Nothing here matches' })).toBeVisible();
  await page.getByLabel('Search in this collection').fill('');
  await page.getByRole('link', { name: /Kind of Blue/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Kind of Blue' })).toBeVisible();
  const text = await page.locator('body').innerText();
  expect(text).not.toContain('123');
  expect(text).not.toContain('my own business');
});

test('a shared record shows price and notes when its owner says so', async ({ visitor: page, server, account }) => {
  const { id } = await server.addRecord(account.token, { name: 'Blue', pricePaid: 18, notes: 'found in Lyon' });
  await page.goto(await share(server, account.token, { kind: 'record', recordId: id, showPrices: true, showNotes: true }));
  await expect(page.getByRole('heading', { level: 1, name: 'Blue' })).toBeVisible();
  await expect(page.getByText('€18.00')).toBeVisible();
  await expect(page.getByText('found in Lyon')).toBeVisible();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await shoot(page, 'shared-record-phone');
});

test('a link that leads nowhere is told of calmly', async ({ visitor: page }) => {
  await page.goto('/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
  await expect(page.getByRole('heading', { level: 1, name: 'This is not shared any more' })).toBeVisible();
  await expectAccessible(page);
});

test('a large shared collection comes as one scrolls', async ({ visitor: page, server, account }) => {
  for (let i = 0; i < 130; i++) await server.addRecord(account.token, { name: `Volume ${i}` });
  await page.goto(await share(server, account.token, { kind: 'collection' }));
  await expect(page.getByText('130 records')).toBeVisible();
  await expect(async () => {
    await page.mouse.wheel(0, 5000);
    await expect(page.getByRole('listitem')).toHaveCount(130, { timeout: 500 });
  }).toPass();
});
