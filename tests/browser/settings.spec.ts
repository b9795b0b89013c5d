// SPDX-License-Identifier: MIT
// Settings: each does what it says, at once and for good.
import { expect, expectAccessible, shoot, test } from './support/test';

test('every part of the settings is accessible, light and dark, and fits a phone', async ({ signedIn: page, account, server }) => {
  await server.ask('POST', '/api/shares', { token: account.token, json: { kind: 'collection', title: 'All of it' } });
  for (const part of ['look', 'account', 'tokens', 'shares', 'data', 'about']) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(`/settings/${part}`);
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
    await expect(page.getByText('Loading …')).toHaveCount(0);
    await expectAccessible(page);
    await shoot(page, `settings-${part}`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth), part).toBeLessThanOrEqual(390);
    await shoot(page, `settings-${part}-phone`);
  }
});

test('the look is kept with the account and follows to another device', async ({ signedIn: page, browser, server, account }) => {
  await page.goto('/settings');
  await page.getByLabel('Dark').check();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByLabel('Compact').check();
  await page.getByLabel('Currency').selectOption('JPY');
  await expect.poll(async () => (await server.ask('GET', '/api/auth/preferences', { token: account.token })).body).toMatchObject({ theme: 'dark', density: 'compact', currency: 'JPY' });
  await page.getByLabel('Language').selectOption('de');
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  const elsewhere = await (await browser.newContext({ ignoreHTTPSErrors: true, baseURL: server.url })).newPage();
  await elsewhere.goto('/sign-in');
  await elsewhere.getByLabel('E-mail address').fill(account.email);
  await elsewhere.getByLabel('Password', { exact: true }).fill(account.password);
  await elsewhere.keyboard.press('Enter');
  await expect(elsewhere.locator('html')).toHaveAttribute('lang', 'de');
  await expect(elsewhere.locator('html')).toHaveAttribute('data-theme', 'dark');
  await elsewhere.context().close();
});

test('the password is changed, and a wrong current one says so', async ({ signedIn: page, server, account }) => {
  await page.goto('/settings/account');
  await page.getByLabel('Current password').fill('not this one');
  await page.getByLabel('New password').fill('an even better password');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByText('This is not your current password.')).toBeVisible();
  await page.getByLabel('Current password').fill(account.password);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByText('The password is changed.')).toBeVisible();
  const { status } = await server.ask('POST', '/api/auth/login', { json: { email: account.email, password: 'an even better password' } });
  expect(status).toBe(200);
});

test('a device is signed out from another one', async ({ signedIn: page, server, account }) => {
  await page.goto('/settings/account');
  await expect(page.getByText('This device')).toBeVisible();
  await page.getByRole('button', { name: /^Sign out Unknown device|^Sign out .+/ }).first().click();
  await expect(page.getByText('Signed out there.')).toBeVisible();
  expect((await server.ask('GET', '/api/auth/me', { token: account.token })).status).toBe(401);
});

test('signing out everywhere signs out here, too', async ({ signedIn: page, server, account }) => {
  await page.goto('/settings/account');
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  const sure = page.getByRole('dialog');
  await expectAccessible(page);
  await sure.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' }).or(page.getByRole('link', { name: 'Sign in' })).first()).toBeVisible();
  expect((await server.ask('GET', '/api/auth/me', { token: account.token })).status).toBe(401);
});

test('an API token is shown once, copied, works within its scope, and is revoked', async ({ signedIn: page, server }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/settings/tokens');
  await page.getByRole('button', { name: 'Create a token' }).click();
  await expect(page.getByText('Please fill this in.')).toBeVisible();
  await page.getByLabel('What is it for?').fill('nightly backup');
  await page.getByRole('button', { name: 'Create a token' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  const token = await page.evaluate(() => navigator.clipboard.readText());
  expect(token).toMatch(/^rcd_/);
  await expectAccessible(page);
  expect((await server.ask('GET', '/api/records', { token })).status).toBe(200);
  expect((await server.ask('POST', '/api/records', { token, json: { artist: 'a', name: 'b', format: 'LP' } })).status).toBe(403);
  await page.reload();
  await expect(page.getByText('nightly backup')).toBeVisible();
  expect(await page.content()).not.toContain(token);
  await page.getByRole('button', { name: 'Revoke nightly backup' }).click();
  await expect(page.getByText('No tokens yet.')).toBeVisible();
  expect((await server.ask('GET', '/api/records', { token })).status).toBe(401);
});

test('the collection is shared by a link, which ends when it is revoked', async ({ signedIn: page, server, account, browser }) => {
  await server.addRecord(account.token, { pricePaid: 12.5 });
  await page.goto('/settings/shares');
  await page.getByRole('button', { name: 'Share the collection' }).click();
  const link = await page.getByRole('textbox', { name: 'Copy the link' }).inputValue();
  const friend = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await friend.goto(link);
  await expect(friend.getByText('Pastel Blues')).toBeVisible();
  await page.getByRole('button', { name: /^Revoke/ }).first().click();
  await expect(page.getByText('Nothing is shared.')).toBeVisible();
  await friend.reload();
  await expect(friend.getByRole('heading', { name: 'This is not shared any more' })).toBeVisible();
  await friend.context().close();
});

test('licences, the certificate and the version are to be had', async ({ signedIn: page }) => {
  await page.goto('/settings/about');
  await expect(page.getByText(/recordd \d+\.\d+/)).toBeVisible();
  for (const [name, type] of [['Licences', 'text/plain'], ['Download the authority', 'application/']] as const) {
    const href = await page.getByRole('link', { name }).getAttribute('href');
    const answer = await page.request.get(href!);
    expect(answer.status(), href!).toBe(200);
    expect(answer.headers()['content-type']).toContain(type);
  }
});
