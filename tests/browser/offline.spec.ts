// SPDX-License-Identifier: MIT
// A phone in a shop: "do I own this?" is answered without a network, by a copy that is deleted at sign-out.
import type { Page } from '@playwright/test';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, expectAccessible, RealServer, shoot, test } from './support/test';

const field = (page: Page) => page.getByRole('textbox', { name: 'Artist, title, catalogue number or barcode' });
const whole = (page: Page) => expect(page.locator('[data-copy=whole]')).toBeVisible({ timeout: 30_000 });

async function readyOffline(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
  });
}

const databases = (page: Page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).filter((name) => name === 'recordd-offline'));

test('after a reload without any network the shop still knows what one owns', async ({ signedIn: page, context, server, account }) => {
  await server.addRecord(account.token, { artist: 'Sigur Rós', name: 'Ágætis byrjun', catalogNumber: 'SM79', barcode: '5 024545 068610' });
  await server.addRecord(account.token, { artist: 'AC/DC', name: 'Back in Black' });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/shop');
  await whole(page);
  await readyOffline(page);
  await context.setOffline(true);
  await page.reload();
  await expect(page.locator('[data-weather=offline]')).toBeVisible();
  await whole(page);
  await field(page).fill('agaetis sig');
  await expect(page.getByRole('link', { name: /Ágætis byrjun/ })).toBeVisible();
  await expectAccessible(page);
  await shoot(page, 'shop-offline');
  await field(page).fill('acdc');
  await expect(page.getByRole('link', { name: /Back in Black/ })).toBeVisible();
  await field(page).fill('5024545068610');
  await expect(page.getByText('Yes, you own it')).toBeVisible();
  await expectAccessible(page);
  await field(page).fill('beatles');
  await expect(page.getByText('Not in your collection')).toBeVisible();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page);
});

test('the copy follows changes and deletions', async ({ signedIn: page, server, account }) => {
  const kept = await server.addRecord(account.token, { artist: 'Can', name: 'Tago Mago' });
  const gone = await server.addRecord(account.token, { artist: 'Can', name: 'Ege Bamyasi' });
  await page.goto('/shop');
  await whole(page);
  await field(page).fill('can');
  await expect(page.getByText('2 records found')).toBeVisible();
  await server.ask('PATCH', `/api/records/${kept.id}`, { token: account.token, json: { name: 'Future Days' } });
  await expect(page.getByRole('link', { name: /Future Days/ })).toBeVisible(); // told by the server's events
  await page.goto('/settings/data');
  await whole(page);
  await page.goto('about:blank');
  await server.ask('DELETE', `/api/records/${gone.id}`, { token: account.token });
  await page.goto('/shop');
  await field(page).fill('can');
  await expect(page.getByText('1 record found')).toBeVisible();
  await expect(page.getByRole('link', { name: /Future Days/ })).toBeVisible();
});

test('signing out deletes the copy, in other tabs too', async ({ signedIn: page, context, server, account }) => {
  await server.addRecord(account.token, {});
  await page.goto('/shop');
  await whole(page);
  expect(await databases(page)).toHaveLength(1);
  const other = await context.newPage();
  await other.goto('/shop');
  await whole(other);
  await page.goto('/settings/account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Sign in' }).or(page.getByRole('button', { name: 'Sign in' })).first()).toBeVisible();
  await expect.poll(() => databases(other)).toEqual([]);
});

test('a device whose session was revoked loses its copy as soon as it hears of it', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, {});
  await page.goto('/shop');
  await whole(page);
  await server.ask('DELETE', '/api/auth/sessions', { token: account.token });
  await page.reload();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect.poll(() => databases(page)).toEqual([]);
});

test('the copy can be refused, and is deleted then', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, {});
  await page.goto('/shop');
  await whole(page);
  await page.goto('/settings/data');
  await page.getByLabel('Keep a copy here').uncheck();
  await expect.poll(() => databases(page)).toEqual([]);
});

test('the service worker keeps the application and nothing of the collection', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { name: 'Not In Any Cache' });
  await page.goto('/records');
  await expect(page.getByText('Not In Any Cache').first()).toBeVisible();
  await readyOffline(page);
  const kept = await page.evaluate(async () => {
    const paths: string[] = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) paths.push(new URL(request.url).pathname);
    return paths;
  });
  expect(kept).toContain('/index.html');
  expect(kept.filter((path) => /^\/(api|covers)\b/.test(path))).toEqual([]);
  const manifest = await (await page.request.get('/manifest.webmanifest')).json();
  for (const { src, type } of manifest.icons) {
    const icon = await page.request.get(src);
    expect([src, icon.status(), icon.headers()['content-type']]).toEqual([src, 200, type]);
  }
});

test('many thousand records are copied without holding up the page', async ({ signedIn: page, server, account }) => {
  test.slow();
  await server.sql(`select 1`);
  const rows = Array.from({ length: 20_000 }, (_, i) => `Artist ${i % 700},Album ${i},LP`).join('\n');
  const job = await server.ask('POST', '/api/records/import?onDuplicate=add', { token: account.token, body: `artist,name,format\n${rows}\n`, headers: { 'content-type': 'text/csv' } });
  expect(job.status).toBe(202);
  await expect.poll(async () => (await server.ask('GET', `/api/jobs/${job.body.id}`, { token: account.token })).body.status, { timeout: 90_000 }).toBe('done');
  await page.goto('/shop');
  await page.evaluate(() => {
    const seen = (window as unknown as { longest: number });
    seen.longest = 0;
    let last = performance.now();
    const beat = () => { const now = performance.now(); seen.longest = Math.max(seen.longest, now - last); last = now; setTimeout(beat, 5); };
    beat();
  });
  await expect(page.getByText(/^20,000 records on this device/)).toBeVisible({ timeout: 90_000 });
  await field(page).fill('album 19999');
  await expect(page.getByRole('link', { name: /Album 19999/ })).toBeVisible();
  // A page that read and indexed all this itself would stand still for seconds at a time.
  expect(await page.evaluate(() => (window as unknown as { longest: number }).longest)).toBeLessThan(1500);
});

test('a new version of the application is offered, and taken when one wants it', async ({ playwright }) => {
  const files = mkdtempSync(join(tmpdir(), 'recordd-web-'));
  cpSync(fileURLToPath(new URL('../../build/web', import.meta.url)), files, { recursive: true });
  const server = await RealServer.start({ 'server.web_dir': files });
  const browser = await playwright.chromium.launch({
    executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', `--ignore-certificate-errors-spki-list=${server.key}`],
  });
  try {
    const page = await browser.newPage({ ignoreHTTPSErrors: true, locale: 'en-GB' });
    await page.goto(`${server.url}/sign-in`);
    await readyOffline(page);
    await page.getByLabel('E-mail address').fill('at work');
    appendFileSync(join(files, 'sw.js'), '\n// another version');
    await page.evaluate(async () => { await (await navigator.serviceWorker.ready).update(); });
    await expect(page.getByText('A new version is ready.')).toBeVisible();
    await expect(page.getByLabel('E-mail address')).toHaveValue('at work');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Load it' }).click();
    await expect(page.getByLabel('E-mail address')).toHaveValue('');
    await expect(page.getByText('A new version is ready.')).toHaveCount(0);
  } finally {
    await browser.close();
    await server.end();
    rmSync(files, { recursive: true });
  }
});
