// SPDX-License-Identifier: MIT
// The list: found as one types, narrowed, ordered, jumped through; its view kept in the address.
import { fill } from './support/collection';
import { expect, test, type Page } from './support/test';

const search = (page: Page) => page.getByRole('searchbox', { name: 'Search your records' });
const names = (page: Page) => page.locator('[data-at] [data-open]').evaluateAll((links) => links.map((link) => link.textContent ?? ''));
const status = (page: Page, text: string) => expect(page.getByRole('status').filter({ hasText: text })).toBeVisible();

test('a typo finds what was meant, says so, and can be insisted on', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { artist: 'Kraftwerk', name: 'Autobahn' });
  await server.addRecord(account.token, { artist: 'Neu!', name: 'Neu! 75' });
  await page.goto('/records');
  await status(page, '2 records');
  await search(page).pressSequentially('autobhan');
  await expect(page.getByText('Showing results for autobahn')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Autobahn' })).toBeVisible();
  await page.getByRole('button', { name: 'Search instead for “autobhan”' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await status(page, '2 records');
  await expect(search(page)).toHaveValue('');
});

test('while somebody types, a request that nobody waits for any more is aborted, and what is shown stays', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 40);
  await page.goto('/records');
  await status(page, '40 records');
  const aborted: string[] = [];
  page.on('requestfailed', (request) => { if (request.failure()?.errorText === 'net::ERR_ABORTED') aborted.push(new URL(request.url()).searchParams.get('q') ?? ''); });
  await page.route(/\/api\/records\/search\?q=al&/, async (route) => { await new Promise((resolve) => setTimeout(resolve, 20_000)); await route.abort().catch(() => undefined); });
  await search(page).fill('al');
  await expect(page.getByRole('link', { name: /Album 00039/ })).toBeVisible();
  await search(page).fill('album 00007');
  await expect.poll(() => names(page)).toEqual([expect.stringContaining('Album 00007')]);
  expect(aborted).toContain('al');
});

test('filters, order and layout are in the address: reloading, going back and a saved view bring them back', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 60);
  await page.goto('/records');
  await page.getByRole('button', { name: 'Filters' }).click();
  const panel = page.getByRole('complementary', { name: 'Filters' });
  await panel.getByRole('checkbox', { name: /^CD/ }).check();
  await status(page, '20 records found');
  await panel.getByRole('checkbox', { name: /^1960s/ }).check();
  await page.getByRole('button', { name: 'Table' }).click();
  await page.getByRole('button', { name: 'Title' }).click();
  await expect(page.getByRole('columnheader', { name: 'Title' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(page).toHaveURL(/\?format=CD&decade=1960&sort=name&view=table$/);
  const shown = await names(page);
  expect(shown.length).toBeGreaterThan(0);
  expect(shown).toEqual([...shown].sort());

  await page.reload();
  await expect.poll(() => names(page)).toEqual(shown);
  await page.getByRole('button', { name: 'Remove the filter Decade 1960s' }).click();
  await status(page, '20 records found');
  await page.goBack();
  await expect.poll(() => names(page)).toEqual(shown);

  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Save this view' }).click();
  await page.getByRole('textbox', { name: 'Save this view' }).fill('Sixties on CD');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.goto('/');
  await page.getByRole('link', { name: 'Sixties on CD' }).click();
  await expect.poll(() => names(page)).toEqual(shown);
});

test('any part of a long list can be jumped to; little of it is drawn, and nothing shifts', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 4000);
  await page.addInitScript(() => {
    const shifts: number[] = [];
    (window as unknown as { shifts: number[] }).shifts = shifts;
    new PerformanceObserver((list) => { for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) if (!entry.hadRecentInput) shifts.push(entry.value); })
      .observe({ type: 'layout-shift', buffered: true });
  });
  for (const layout of ['table', 'grid']) {
    await page.goto(`/records?sort=name&view=${layout}`);
    await status(page, '4,000 records');
    const rows = Number(await page.getByRole('grid').getAttribute('aria-rowcount'));
    expect(rows).toBe(layout === 'table' ? 4001 : Math.ceil(4000 / Math.round(4000 / rows)));
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await expect(page.getByRole('link', { name: /Album 03999/ })).toBeInViewport();
    expect(await page.locator('[data-at]').count()).toBeLessThan(80);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
    await expect.poll(async () => (await names(page)).some((name) => /Album 02\d\d\d|Album 019\d\d/.test(name))).toBe(true);
    await page.evaluate(() => scrollTo(0, 0));
    await expect(page.getByRole('link', { name: /Album 00000/ })).toBeInViewport();
    const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts.reduce((sum, value) => sum + value, 0));
    expect(shifts).toBeLessThan(0.01);
  }
});

test('coming back from a record finds the list where it was', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 800);
  await page.goto('/records?sort=name&view=table');
  await status(page, '800 records');
  await page.evaluate(() => scrollTo(0, 20_000));
  const link = page.locator('[data-at="425"] [data-open]');
  await expect(link).toBeVisible();
  await page.waitForTimeout(300); // the place is noted once the page rests
  const before = await page.evaluate(() => scrollY);
  await link.click();
  await expect(page).toHaveURL(/\/records\/[0-9a-f-]{36}$/);
  await page.goBack();
  await expect(page.locator('[data-at="425"] [data-open]')).toBeInViewport();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(before);
});

test('what another device adds appears by itself', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { name: 'Pastel Blues' });
  await page.goto('/records');
  await status(page, '1 record');
  await server.addRecord(account.token, { artist: 'Can', name: 'Tago Mago' });
  await expect(page.getByRole('link', { name: 'Tago Mago' })).toBeVisible();
  await status(page, '2 records');
});

test('an address that asks for nonsense says so and leads out of it', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { name: 'Pastel Blues' });
  await page.goto('/records?decade=soon');
  await expect(page.getByRole('heading', { name: 'This cannot be shown' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await expect(page.getByRole('link', { name: 'Pastel Blues' })).toBeVisible();
});

test('while the server is away, what was loaded stays, and the rest comes when it is back', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 60);
  await page.goto('/records?sort=name');
  await status(page, '60 records');
  await page.route('**/api/records/search**', (route) => route.abort('connectionrefused'));
  await search(page).fill('album 00007');
  await expect(page.getByText('The server does not answer. What you see may be out of date.')).toBeVisible();
  await expect(page.getByRole('link', { name: /Album 00001/ })).toBeVisible();
  await expect(search(page)).toHaveValue('album 00007');
  await page.unroute('**/api/records/search**');
  await page.getByRole('main').getByRole('button', { name: 'Try again' }).click();
  await status(page, '1 record found');
  await expect(page.getByText('The server does not answer.')).toHaveCount(0);
});

test('an empty collection says what to do', async ({ signedIn: page }) => {
  for (const place of ['/', '/records']) {
    await page.goto(place);
    await expect(page.getByRole('heading', { name: 'Your collection begins here' })).toBeVisible();
    await expect(page.getByRole('main').getByRole('link', { name: 'Add a record' })).toHaveAttribute('href', '/records/new');
    await expect(page.getByRole('main').getByRole('link', { name: 'Import' }).last()).toHaveAttribute('href', '/import');
  }
});

test('the overview tells of the collection and leads into it', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 30);
  await page.goto('/');
  await expect(page.getByText('Paid in all')).toBeVisible();
  await expect(page.locator('dl').first()).toContainText('30');
  await expect(page.getByRole('region', { name: 'Recent additions' }).getByRole('link')).toHaveCount(13);
  await page.getByRole('region', { name: 'By format' }).getByRole('link', { name: /^CD/ }).click();
  await status(page, '10 records found');
  await page.goto('/');
  await search(page).fill('album 00003');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: /Album 00003/ })).toBeVisible();
});

test('what somebody wrote into a record stays text', async ({ signedIn: page, server, account }) => {
  const attack = '<img src=x onerror="document.title=\'owned\'"><script>alert(1)</script>{{7*7}}';
  await server.addRecord(account.token, { artist: attack, name: attack, format: '<b>LP</b>', label: attack.slice(0, 100), catalogNumber: '"><svg onload=alert(1)>' });
  for (const look of ['grid', 'table']) {
    await page.goto(`/records?view=${look}`);
    await expect(page.locator('[data-at="0"]')).toContainText('<img src=x onerror=');
    await page.goto(`/records?view=${look}&q=${encodeURIComponent('<script>alert(1)</script>')}&format=${encodeURIComponent('<b>LP</b>')}`);
    await expect(page.getByRole('button', { name: 'Remove the filter Format <b>LP</b>' })).toBeVisible();
  }
  expect(await page.title()).toBe('Records · recordd');
});
