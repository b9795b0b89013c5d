// SPDX-License-Identifier: MIT
// Pages follow what happens elsewhere, by one connection for all tabs.
import { expect, test, type Page } from './support/test';

/** How often a page asked for events. */
function asked(page: Page): () => number {
  let n = 0;
  page.on('request', (request) => { if (new URL(request.url()).pathname === '/api/events') n += 1; });
  return () => n;
}

test('what another device adds is shown without a reload', async ({ signedIn: page, server, account }) => {
  await page.goto('/records');
  await expect(page.getByText('Your collection begins here')).toBeVisible();
  await server.addRecord(account.token, { artist: 'Fela Kuti', name: 'Zombie' });
  await expect(page.getByText('Zombie')).toBeVisible();
});

test('all tabs share one connection, and another takes it over when its tab is closed', async ({ signedIn: first, context, server, account }) => {
  const second = await context.newPage();
  const counts = [asked(first), asked(second)];
  const total = () => counts.reduce((sum, count) => sum + count(), 0);
  await first.goto('/records');
  await expect.poll(total).toBe(1);
  await second.goto('/records');
  await expect(second.getByText('Your collection begins here')).toBeVisible();
  await server.addRecord(account.token, { name: 'For both' });
  await expect(first.getByText('For both')).toBeVisible();
  await expect(second.getByText('For both')).toBeVisible();
  expect(total()).toBe(1);

  await first.close();
  await expect.poll(total).toBe(2);
  await server.addRecord(account.token, { name: 'For one' });
  await expect(second.getByText('For one')).toBeVisible();
});

test('nothing is missed while the server is away', async ({ signedIn: page, server, account }) => {
  await page.goto('/records');
  await expect(page.getByText('Your collection begins here')).toBeVisible();
  await server.halt();
  await server.begin();
  await server.addRecord(account.token, { name: 'After the restart' });
  await expect(page.getByText('After the restart')).toBeVisible({ timeout: 40_000 });
});
