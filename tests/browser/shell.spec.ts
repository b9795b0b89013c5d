// SPDX-License-Identifier: MIT
// The frame around all pages.
import { expect, expectAccessible, signIn, test } from './support/test';

test('somebody who is signed in can reach every place from the navigation', async ({ signedIn: page }) => {
  await page.goto('/');
  for (const place of ['Records', 'Do I own this?', 'Import', 'Insights', 'Settings', 'Overview']) {
    await page.getByRole('navigation').getByRole('link', { name: place }).click();
    await expect(page.getByRole('navigation').getByRole('link', { name: place })).toHaveAttribute('aria-current', 'page');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
});

test('the pages come over the protocol that this run is about', { tag: '@both' }, async ({ visitor: page }, info) => {
  await page.goto('/');
  await page.waitForLoadState('networkidle');
  const used = await page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map((entry) => (entry as PerformanceResourceTiming).nextHopProtocol).filter(Boolean));
  expect([...new Set(used)]).toEqual([info.project.name]);
});

test('a path that does not exist says so and leads back', async ({ signedIn: page }) => {
  await page.goto('/no/such/page');
  await expect(page.getByText('This page does not exist')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'To the overview' }).click();
  await expect(page).toHaveURL('/');
});

const BUDGET = 130 * 1024;

for (const [path, who] of [['/', 'a visitor'], ['/records', 'a collector']] as const) {
  test(`the first load of script is small for ${who}`, async ({ page, context, server, account }) => {
    if (who === 'a collector') await signIn(context, server, account);
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.waitForTimeout(1000); // what the page fetches once it stands
    const scripts = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => new URL(entry.name))
      .filter((url) => url.pathname.endsWith('.js')).map((url) => url.pathname));
    const sizes = await Promise.all([...new Set(scripts)].map((script) => server.ask('GET', script, { headers: { 'accept-encoding': 'gzip' } })));
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.map(({ status }) => status)).toEqual(sizes.map(() => 200));
    expect(sizes.reduce((sum, { headers }) => sum + Number(headers['content-length']), 0)).toBeLessThanOrEqual(BUDGET);
  });
}
