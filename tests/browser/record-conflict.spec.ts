// SPDX-License-Identifier: MIT
// Saving while others save too, or while the server does not: nobody's work is lost unseen.
import { type Page, expect, expectAccessible, shoot, test } from './support/test';

const field = (page: Page, name: string) => page.locator(`[name=${name}]`);
const save = (page: Page) => page.locator('button[type=submit]').click();

test('two who changed one field are asked which to keep; all else is merged', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, { releaseYear: 1965, label: 'Philips' });
  await page.goto(`/records/${id}/edit`);
  await field(page, 'label').fill('Mercury');
  await field(page, 'name').fill('Pastel Blues (mono)');
  await server.ask('PATCH', `/api/records/${id}`, { token: account.token, json: { label: 'Philips NL', catalogNumber: 'PHS 600-187', name: 'Pastel Blues!' } });
  await save(page);
  const dialog = page.getByRole('dialog', { name: 'Somebody else changed this record' });
  await expect(dialog.getByText('It was: Philips')).toBeVisible();
  await expect(dialog.getByText('Taken over without a conflict: Catalogue number.')).toBeVisible();
  await expectAccessible(page);
  await shoot(page, 'conflict');
  await dialog.getByRole('group', { name: 'Label' }).getByRole('radio', { name: /Theirs/ }).check();
  await dialog.getByRole('button', { name: 'Save this' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Pastel Blues (mono)' })).toBeVisible();
  await expect.poll(async () => (await server.ask('GET', `/api/records/${id}`, { token: account.token })).body)
    .toMatchObject({ name: 'Pastel Blues (mono)', label: 'Philips NL', catalogNumber: 'PHS 600-187', releaseYear: 1965 });
});

test('two who changed different fields are not asked', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, {});
  await page.goto(`/records/${id}/edit`);
  await field(page, 'label').fill('Mercury');
  await server.ask('PATCH', `/api/records/${id}`, { token: account.token, json: { catalogNumber: 'PHS 600-187' } });
  await save(page);
  await expect.poll(async () => (await server.ask('GET', `/api/records/${id}`, { token: account.token })).body).toMatchObject({ label: 'Mercury', catalogNumber: 'PHS 600-187' });
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(`/records/${id}`);
});

test('a change is shown at once, and taken back when the server does not take it; what was typed is still there', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, {});
  await page.goto(`/records/${id}/edit`);
  await field(page, 'name').fill('Pastel Blues, live');
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => { answer = resolve; });
  await page.route(`**/api/records/${id}`, async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    await asked;
    await route.fulfill({ status: 503, contentType: 'application/problem+json', json: { status: 503, detail: 'the database is away' } });
  });
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Pastel Blues, live' })).toBeVisible();
  answer();
  await expect(page.getByText('It could not be saved. What you typed is still here.')).toBeVisible();
  await expect(field(page, 'name')).toHaveValue('Pastel Blues, live');
  await page.unroute(`**/api/records/${id}`);
  await save(page);
  await expect.poll(async () => (await server.ask('GET', `/api/records/${id}`, { token: account.token })).body.name).toBe('Pastel Blues, live');
});

test('a record that was deleted meanwhile can be added anew with what was typed', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, { artist: 'Faust', name: 'IV' });
  await page.goto(`/records/${id}/edit`);
  await field(page, 'notes').evaluate((element) => element.closest('details')?.setAttribute('open', ''));
  await field(page, 'notes').fill('mine');
  await server.ask('DELETE', `/api/records/${id}`, { token: account.token });
  await save(page);
  await expect(page.getByText('This record was deleted meanwhile.')).toBeVisible();
  await page.getByRole('button', { name: 'Add to the collection' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'IV' })).toBeVisible();
  await expect(page.getByText('mine', { exact: true })).toBeVisible();
  expect(page.url()).not.toContain(id);
});

test('whoever seems to have a record already is told while typing and asked before it is added', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { artist: 'Faust', name: 'So Far', format: 'LP' });
  await page.goto('/records/new');
  await field(page, 'artist').fill('faust');
  await field(page, 'name').fill('so far');
  await field(page, 'format').fill('LP');
  await expect(page.getByText('You seem to have this record already:')).toBeVisible();
  await expectAccessible(page);
  await save(page);
  const dialog = page.getByRole('dialog', { name: 'Do you have this already?' });
  await expect(dialog.getByRole('link', { name: /So Far/ })).toBeVisible();
  await shoot(page, 'duplicates');
  await dialog.getByRole('button', { name: 'Add it all the same' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'so far' })).toBeVisible();
});

test('a record whose answer was lost on the way is not added twice', async ({ signedIn: page, server, account }) => {
  await page.goto('/records/new');
  await field(page, 'artist').fill('Cluster');
  await field(page, 'name').fill('Zuckerzeit');
  await field(page, 'format').fill('LP');
  // The server gets it; its answer does not arrive. That it is there already is not looked up either.
  await page.route('**/api/records/duplicates*', (route) => route.abort());
  await page.route('**/api/records', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await save(page);
  await expect(page.getByText('The server cannot be reached. What you typed is kept here')).toBeVisible();
  await expect(field(page, 'name')).toHaveValue('Zuckerzeit');
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Zuckerzeit' })).toBeVisible();
  expect((await server.ask('GET', '/api/records', { token: account.token })).body).toHaveLength(1);
});
