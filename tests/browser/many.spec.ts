// SPDX-License-Identifier: MIT
// Many records at once: selected, changed, deleted, taken back; by pointer and by keyboard.
import { fill } from './support/collection';
import { expect, test, type Account, type Page, type RealServer } from './support/test';

const row = (page: Page, at: number) => page.locator(`[data-at="${at}"]`);
const check = (page: Page, at: number) => row(page, at).getByRole('checkbox');
const bar = (page: Page) => page.getByRole('toolbar');
const status = (page: Page, text: string) => expect(page.getByRole('status').filter({ hasText: text }).first()).toBeVisible();
const total = async (server: RealServer, { token }: Account, query = ''): Promise<string | undefined> =>
  String((await server.ask('GET', `/api/records?limit=1&${query}`, { token })).headers['x-total-count']);

async function open(page: Page, n: number): Promise<void> {
  await page.goto('/records?sort=name&view=table');
  await status(page, `${n.toLocaleString('en')} records`);
  await expect(row(page, 0)).toBeVisible();
}

test('a range is selected, edited in one go, and the edit is taken back', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 120);
  await open(page, 120);
  await check(page, 2).click();
  await row(page, 6).click({ modifiers: ['Shift'] });
  await expect(bar(page)).toContainText('5 selected');
  await bar(page).getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit 5 records' });
  await dialog.getByRole('combobox', { name: 'Sleeve grade: what to do' }).selectOption('Set to');
  await dialog.getByRole('button', { name: 'Change 5 records' }).click();
  await expect(dialog.getByText('Enter a value, or leave it as it is.')).toBeVisible();
  await dialog.getByRole('combobox', { name: 'Sleeve grade: new value' }).selectOption('NM');
  await dialog.getByRole('combobox', { name: 'Notes: what to do' }).selectOption('Add at the end');
  await dialog.getByRole('textbox', { name: 'Notes: new value' }).fill('Shelf 4');
  await dialog.getByRole('button', { name: 'Change 5 records' }).click();
  await status(page, '5 records changed.');
  await expect(row(page, 3)).toContainText('/ NM');
  const changed = async () => ((await server.ask('GET', '/api/records?sort=name&limit=10', { token: account.token })).body as any[]).map((record) => [record.sleeveGrade, record.notes]);
  expect((await changed()).slice(1, 4)).toEqual([[null, null], ['NM', 'Shelf 4'], ['NM', 'Shelf 4']]);

  await page.getByRole('button', { name: 'Undo' }).click();
  await status(page, 'Undone.');
  await expect(row(page, 3)).not.toContainText('/ NM');
  expect(new Set((await changed()).map((pair) => JSON.stringify(pair)))).toEqual(new Set(['[null,null]']));
});

test('all results but one are deleted, with progress, and come back by Ctrl+Z', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 1800);
  await page.goto('/records?format=LP&sort=name');
  await status(page, '600 records found');
  await row(page, 0).hover();
  await check(page, 0).click();
  await bar(page).getByRole('button', { name: 'Select all 600' }).click();
  await expect(bar(page)).toContainText('600 selected');
  await row(page, 1).click();
  await expect(bar(page)).toContainText('599 selected');
  await bar(page).getByRole('button', { name: 'Delete' }).click();
  await status(page, '599 records moved to the trash.');
  await status(page, '1 record found');
  await expect(row(page, 0)).toContainText('Album 00003');
  expect(await total(server, account)).toBe('1201');

  await page.keyboard.press('Control+z');
  await status(page, 'Undone.');
  await status(page, '600 records found');
  await expect.poll(() => total(server, account)).toBe('1800');
});

test('a deletion that the server refuses is taken back by itself', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 30);
  await open(page, 30);
  await page.route('**/api/records/batch', (route) => route.fulfill({ status: 503, headers: { 'retry-after': '1' }, contentType: 'application/problem+json', body: '{"status":503,"detail":"the database is away"}' }));
  await check(page, 0).click();
  await bar(page).getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('That did not work: the database is away')).toBeVisible();
  await expect(row(page, 0)).toContainText('Album 00000');
  await status(page, '30 records');
  expect(await total(server, account)).toBe('30');
});

test('a change that meets the rate limit waits, and gets through', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 5);
  await open(page, 5);
  let refusals = 2;
  await page.route('**/api/records/batch', (route) => {
    if ((refusals -= 1) < 0) return route.continue();
    return route.fulfill({ status: 429, headers: { 'retry-after': '1' }, contentType: 'application/problem+json', body: '{"status":429,"detail":"too many requests"}' });
  });
  await page.keyboard.press('j');
  await page.keyboard.press('#');
  await status(page, '1 record moved to the trash.');
  expect(await total(server, account)).toBe('4');
  // The keyboard goes on with the record that took its place.
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('Album 00001');
});

test('an undo leaves alone what was changed since', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 12);
  await open(page, 12);
  await check(page, 0).click();
  await check(page, 1).click();
  await bar(page).getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Label: what to do' }).selectOption('Clear');
  await dialog.getByRole('button', { name: 'Change 2 records' }).click();
  await status(page, '2 records changed.');
  const [first] = (await server.ask('GET', '/api/records?sort=name&limit=1', { token: account.token })).body;
  expect((await server.ask('PATCH', `/api/records/${first.id}`, { token: account.token, json: { label: 'Somebody else' } })).status).toBe(200);
  await page.getByRole('button', { name: 'Undo' }).click();
  await status(page, 'Undone, but for 1 record');
  const labels = ((await server.ask('GET', '/api/records?sort=name&limit=2', { token: account.token })).body as any[]).map((record) => record.label);
  expect(labels).toEqual(['Somebody else', 'Label 1']);
});

test('the trash gives back what was deleted', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, { name: 'Pastel Blues' });
  await server.ask('DELETE', `/api/records/${id}`, { token: account.token });
  await page.goto('/records/trash');
  await expect(page.getByText('30 days left')).toBeVisible();
  await page.getByRole('button', { name: 'Restore Nina Simone, Pastel Blues' }).click();
  await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'To the records' }).last().click();
  await expect(page.getByRole('link', { name: 'Pastel Blues' })).toBeVisible();
});

test('the keyboard alone finds, walks, selects, edits and opens', async ({ signedIn: page, server, account }) => {
  await fill(server, account, 300);
  await open(page, 300);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect.poll(focused).toContain('Album 00001');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(bar(page)).toContainText('2 selected');
  await page.keyboard.press('e');
  await expect(page.getByRole('dialog', { name: 'Edit 2 records' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(bar(page)).toHaveCount(0);
  await page.keyboard.press('End');
  await expect.poll(focused).toContain('Album 00299');
  await page.keyboard.press('v');
  await expect(page.getByRole('grid')).toHaveAttribute('data-layout', 'grid');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Search your records' })).toBeFocused();
  await page.keyboard.type('album 00042');
  await status(page, '1 record found');
  await page.keyboard.press('Escape');
  await page.keyboard.press('k');
  await expect.poll(focused).toContain('Album 00042');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/records\/[0-9a-f-]{36}$/);
});

test('the command menu leads to a page and to a record', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { artist: 'Can', name: 'Tago Mago' });
  await page.goto('/insights');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('tras');
  await expect(page.getByRole('option').first()).toHaveText('Trash');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/records/trash');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('tago');
  await page.getByRole('option', { name: /Tago Mago/ }).click();
  await expect(page).toHaveURL(/\/records\/[0-9a-f-]{36}$/);
});

test('single keys can be switched off', async ({ signedIn: page }) => {
  await page.goto('/records');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('checkbox', { name: 'Single keys are shortcuts' }).uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).toHaveURL('/records');
});

test('a finger that rests on a record begins to select; then a tap selects', async ({ signedIn: page, server, account, context }) => {
  await fill(server, account, 12);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/records?sort=name');
  await expect(row(page, 1)).toBeVisible();
  const touch = await context.newCDPSession(page);
  await touch.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  const tap = async (at: number, held: number) => {
    const box = (await row(page, at).boundingBox())!;
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: box.x + 40, y: box.y + 40 }] });
    await page.waitForTimeout(held);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  await tap(0, 700);
  await expect(bar(page)).toHaveAccessibleName('1 selected');
  await tap(1, 30);
  await expect(bar(page)).toHaveAccessibleName('2 selected');
  await bar(page).getByRole('button', { name: 'Clear the selection' }).click();
  await tap(0, 30);
  await expect(page).toHaveURL(/\/records\/[0-9a-f-]{36}$/);
});
