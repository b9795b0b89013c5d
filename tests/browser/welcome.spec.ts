// SPDX-License-Identifier: MIT
// How people come in: the front page, the first account, registering, signing in and out.
import { expect, expectAccessible, RealServer, shoot, test } from './support/test';

test('the first account is made by the link that the server printed, and the link works once', async ({ page }) => {
  const fresh = await RealServer.start();
  try {
    await page.goto(`${fresh.url}/#setup=${fresh.setup}`);
    await expect(page.getByRole('heading', { name: 'Make the first account' })).toBeVisible();
    await expectAccessible(page);
    await page.reload();
    await page.getByLabel('E-mail address').fill('first@example.org');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await expect(page.getByText('At least 8 characters, please.')).toBeVisible();
    await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
    await page.getByLabel('Password', { exact: true }).fill('a good long password');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('navigation').getByRole('link', { name: 'Records' })).toBeVisible();
    expect(page.url()).not.toContain('setup');

    const other = await page.context().browser()!.newPage({ ignoreHTTPSErrors: true });
    await other.goto(`${fresh.url}/#setup=${fresh.setup}`);
    await other.getByLabel('E-mail address').fill('second@example.org');
    await other.getByLabel('Password', { exact: true }).fill('a good long password');
    await other.keyboard.press('Enter');
    await expect(other.getByRole('heading', { name: 'This link has been used or is too old' })).toBeVisible();
    await other.close();
  } finally {
    await page.goto('about:blank');
    await fresh.end();
  }
});

test('the front page is there for everybody, in light, dark and on a phone', async ({ visitor: page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: 'Every record you own, at hand.' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  await expectAccessible(page);
  await shoot(page, 'front-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page);
  await shoot(page, 'front-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await shoot(page, 'front-phone');
});

test('the front page speaks other languages, one of them from right to left', async ({ visitor: page }) => {
  await page.goto('/');
  await page.getByLabel('Language').selectOption('ar');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Every record you own, at hand.');
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectAccessible(page);
  await shoot(page, 'front-arabic');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar');
});

test('an account is made where that is open, and nobody makes a second one with the same address', async ({ visitor: page, account }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Create your account' }).click();
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill('another long password');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByText('There is an account with this address already.')).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('E-mail address').fill(`new-${account.email}`);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page).toHaveURL('/');
  await expect(page.getByRole('navigation')).toBeVisible();
});

test('signing in leads to where one wanted to go, and a wrong password says so and loses nothing', async ({ visitor: page, account }) => {
  await page.goto('/settings/account?x=1');
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The address or the password is wrong.' })).toBeVisible();
  await expect(page.getByLabel('E-mail address')).toHaveValue(account.email);
  await expectAccessible(page);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/settings/account?x=1');
  await expect(page.getByText(account.email)).toBeVisible();
});

test('no address leads to another site after signing in', async ({ visitor: page, account }) => {
  await page.goto('/sign-in?to=https://evil.example/');
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/');
});

test('what was typed before the server answered at all is still there afterwards', async ({ visitor: page, account }) => {
  let answered = false;
  await page.route('**/api/auth/refresh', async (route) => {
    await new Promise((done) => setTimeout(done, 3000));
    answered = true;
    await route.continue();
  });
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(account.email);
  await expect.poll(() => answered).toBe(true);
  await page.waitForTimeout(300);
  await expect(page.getByLabel('E-mail address')).toHaveValue(account.email);
});
