// SPDX-License-Identifier: MIT
// While things fail: each trouble is told calmly and correctly, goes by itself, and nothing typed is lost.
import type { Page } from '@playwright/test';
import { expect, expectAccessible, shoot, test } from './support/test';

const bar = (page: Page) => page.locator('[data-weather]');

test.describe.configure({ timeout: 150_000 });

test('the server restarts: the page says so, keeps what was typed, and goes on by itself', async ({ signedIn: page, server }) => {
  await page.goto('/settings/tokens');
  await expect(page.getByText('No tokens yet.')).toBeVisible();
  await page.getByLabel('What is it for?').fill('typed before the restart');
  await server.halt();
  try {
    await page.getByRole('button', { name: 'Create a token' }).click();
    await expect(bar(page)).toHaveAttribute('data-weather', 'server');
    await expect(page.getByLabel('What is it for?')).toHaveValue('typed before the restart');
    await expectAccessible(page);
    await shoot(page, 'failing-server');
  } finally {
    await server.begin();
  }
  await expect(bar(page)).toHaveCount(0, { timeout: 40_000 });
  await page.getByRole('button', { name: 'Create a token' }).click();
  await expect(page.getByText('Copy it now')).toBeVisible();
});

test('the database is away: reading and signing in wait and go on by themselves', async ({ visitor: page, server, account }) => {
  await page.goto('/sign-in?to=/settings/account');
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await server.pauseDatabase();
  try {
    await page.keyboard.press('Enter');
    await expect(bar(page)).toHaveAttribute('data-weather', 'database', { timeout: 60_000 });
    await expect(page.getByText(/What you typed stays here/)).toBeVisible({ timeout: 60_000 });
    await expect(page.getByLabel('E-mail address')).toHaveValue(account.email);
    await expectAccessible(page);
    await shoot(page, 'failing-database');
  } finally {
    await server.resumeDatabase();
  }
  // Nobody presses anything: it is sent when the database is back.
  await expect(page).toHaveURL('/settings/account', { timeout: 60_000 });
  await expect(bar(page)).toHaveCount(0);
});

test('without a network the page says so at once, and is brought up to date when it is back', async ({ signedIn: page, context, server, account }) => {
  await page.goto('/settings/shares');
  await expect(page.getByText('Nothing is shared.')).toBeVisible();
  await context.setOffline(true);
  await expect(bar(page)).toHaveAttribute('data-weather', 'offline');
  await expectAccessible(page);
  await server.ask('POST', '/api/shares', { token: account.token, json: { kind: 'collection', title: 'Made meanwhile' } });
  await page.getByRole('link', { name: 'API tokens' }).click();
  await context.setOffline(false);
  await expect(bar(page)).toHaveCount(0);
  await page.getByRole('link', { name: 'Shared links' }).click();
  await expect(page.getByText('Made meanwhile')).toBeVisible({ timeout: 30_000 });
});

test('a page that was opened while the server is away shows itself when the server is there', async ({ signedIn: page, server }) => {
  await page.goto('/settings/shares');
  await expect(page.getByText('Nothing is shared.')).toBeVisible();
  await server.halt();
  try {
    await page.getByRole('link', { name: 'API tokens' }).click();
    await expect(bar(page)).toHaveAttribute('data-weather', 'server');
    await expect(page.getByText('It cannot be reached right now.').first()).toBeVisible({ timeout: 30_000 });
  } finally {
    await server.begin();
  }
  await expect(page.getByText('No tokens yet.')).toBeVisible({ timeout: 40_000 });
});

test('on a slow network the front page and signing in work', async ({ visitor: page, account }) => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 });
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Sign in' }).first().click();
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  const press = page.getByRole('button', { name: 'Sign in' });
  await press.click();
  await expect(press).toHaveAttribute('aria-busy', 'true');
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Records' })).toBeVisible({ timeout: 40_000 });
  await expect(bar(page)).toHaveCount(0);
});
