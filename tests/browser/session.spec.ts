// SPDX-License-Identifier: MIT
// A session stays until it is ended, is renewed without anybody noticing, and ends everywhere at once.
import type { Page, Route } from '@playwright/test';
import { expect, expectAccessible, type Account, shoot, signIn, test } from './support/test';

const signedInHere = (page: Page) => expect(page.getByRole('navigation').getByRole('link', { name: 'Records' })).toBeVisible();
const signedOutHere = (page: Page) => expect(page.getByRole('link', { name: 'Sign in' }).or(page.getByRole('button', { name: 'Sign in' })).first()).toBeVisible();

async function countRenewals(page: Page): Promise<() => number> {
  let renewals = 0;
  page.context().on('request', (request) => { if (request.url().endsWith('/api/auth/refresh')) renewals += 1; });
  return () => renewals;
}

/** Answers as if the access token were not taken any more, once. */
async function refuseOnce(page: Page, path: string): Promise<void> {
  await page.route(path, (route: Route) => route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"status":401,"error":"expired"}' }), { times: 1 });
}

async function enter(page: Page, { email, password }: Pick<Account, 'email' | 'password'>): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await signedInHere(page);
}

test('the refresh token is out of reach of scripts, and no token is kept on the device', async ({ visitor: page, account }) => {
  await enter(page, account);
  const cookie = (await page.context().cookies()).find(({ name }) => name === '__Secure-recordd-refresh');
  expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/api/auth' });
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie);
  expect(kept).not.toContain(cookie!.value);
  expect(kept).not.toMatch(/eyJ/);
});

test('one stays signed in over a reload, and a token that is not taken any more is renewed without a word', async ({ signedIn: page }) => {
  await page.goto('/settings/account');
  await signedInHere(page);
  await page.reload();
  await signedInHere(page);
  await refuseOnce(page, '**/api/auth/sessions');
  await page.reload();
  await expect(page.getByText('This device')).toBeVisible();
});

test('a token is renewed before it runs out', async ({ signedIn: page }) => {
  await page.clock.install();
  await page.goto('/settings/account');
  await expect(page.getByText('This device')).toBeVisible();
  const renewals = await countRenewals(page);
  await page.clock.fastForward('12:00');
  await expect.poll(renewals).toBe(1);
  await signedInHere(page);
});

test('many tabs renew once, not once each', async ({ signedIn: page, context }) => {
  await page.clock.install();
  await page.goto('/settings/account');
  await signedInHere(page);
  const others = [await context.newPage(), await context.newPage(), await context.newPage()];
  for (const other of others) {
    await other.goto('/settings/account');
    await signedInHere(other);
  }
  const renewals = await countRenewals(page);
  await page.clock.fastForward('12:00'); // the clock of all tabs
  await expect.poll(renewals).toBe(1);
  for (const tab of [page, ...others]) {
    await tab.getByRole('link', { name: 'API tokens' }).click();
    await expect(tab.getByText('No tokens yet.')).toBeVisible();
  }
  expect(renewals()).toBe(1);
});

test('signing out ends the session in all tabs, and going back shows nothing of it', async ({ visitor: page, context, account, server }) => {
  await server.addRecord(account.token, { name: 'Secret Album' });
  await enter(page, account);
  const other = await context.newPage();
  await other.goto('/records');
  await expect(other.getByText('Secret Album').first()).toBeVisible();
  await page.goto('/records');
  await expect(page.getByText('Secret Album').first()).toBeVisible();
  await page.goto('/settings/account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await signedOutHere(page);
  await signedOutHere(other);
  await page.goBack();
  await expect(page.getByText('Secret Album')).toHaveCount(0);
  await signedOutHere(page);
  expect((await context.cookies()).find(({ name }) => name === '__Secure-recordd-refresh')).toBeUndefined();
});

test('signing in in one tab serves the others', async ({ visitor: page, context, account }) => {
  await page.goto('/');
  await signedOutHere(page);
  const other = await context.newPage();
  await enter(other, account);
  await signedInHere(page);
});

test('a session that was ended elsewhere asks for the password over the page, and what was typed is still there', async ({ signedIn: page, server, account }) => {
  await page.goto('/settings/tokens');
  await page.getByLabel('What is it for?').fill('not to be lost');
  await server.ask('DELETE', '/api/auth/sessions', { token: account.token });
  await page.getByRole('button', { name: 'Create a token' }).click();
  const dialog = page.getByRole('dialog', { name: 'You were signed out' });
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await shoot(page, 'session-ended');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Escape');
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('Password', { exact: true }).fill(account.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByLabel('What is it for?')).toHaveValue('not to be lost');
  await page.getByRole('button', { name: 'Create a token' }).click();
  await expect(page.getByText('Copy it now')).toBeVisible();
});

test('signing out without a network is made good when the network is back', async ({ visitor: page, context, account, server }) => {
  await enter(page, account);
  await page.goto('/settings/account');
  await expect(page.getByText('This device')).toBeVisible();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await signedOutHere(page);
  await context.setOffline(false);
  const sessions = async () => (await server.ask('GET', '/api/auth/sessions', { token: account.token })).body.length;
  await expect.poll(sessions, { timeout: 30_000 }).toBe(1); // the one that the account was made with
});

test('no other page of the web can use the session', async ({ browser, server, account }) => {
  // The stranger is served from the same machine, as browsers keep the public web from it anyway; nothing holds its scripts back.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true, baseURL: server.url });
  await signIn(context, server, account);
  const page = await context.newPage();
  await page.goto('/');
  await signedInHere(page);
  const cookie = async () => (await context.cookies()).find(({ name }) => name === '__Secure-recordd-refresh')?.value;
  const before = await cookie();
  const stranger = await context.newPage();
  await stranger.goto(`https://127.0.0.1:${server.port}/sign-in`);
  const sent = stranger.waitForResponse(`${server.url}/api/auth/refresh`);
  await stranger.evaluate((url) => fetch(`${url}/api/auth/refresh`, { method: 'POST', credentials: 'include', mode: 'no-cors' }), server.url);
  expect((await sent).status()).toBeGreaterThanOrEqual(400);
  expect(await cookie()).toBe(before);
  await page.reload();
  await signedInHere(page);
  await context.close();
});

test('going back to a page that the browser kept shows it as it was, or not at all after signing out', async ({ playwright, server, account }) => {
  await server.addRecord(account.token, { name: 'Kept In Mind' });
  const browser = await playwright.chromium.launch({
    executablePath: '/usr/bin/chromium', ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', `--ignore-certificate-errors-spki-list=${server.key}`],
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: server.url });
  await signIn(context, server, account);
  const page = await context.newPage();
  const away = async (path: string) => { await page.goto(path); await page.evaluate(() => new Promise((done) => setTimeout(done, 300))); };
  const back = () => page.evaluate(() => { setTimeout(() => history.back(), 0); });
  await page.goto('/records');
  await expect(page.getByText('Kept In Mind').first()).toBeVisible();
  await page.evaluate(() => { (window as unknown as { marked: boolean }).marked = true; });
  await away('/api/openapi.json');
  await back();
  await expect(page.getByText('Kept In Mind').first()).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { marked?: boolean }).marked)).toBe(true); // it was kept, not loaded again
  await away('/api/openapi.json');
  const other = await context.newPage();
  await other.goto('/settings/account');
  await other.getByRole('button', { name: 'Sign out', exact: true }).click();
  await signedOutHere(other);
  await back();
  await signedOutHere(page);
  await expect(page.getByText('Kept In Mind')).toHaveCount(0);
  await browser.close();
});
