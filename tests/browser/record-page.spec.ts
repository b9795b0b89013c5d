// SPDX-License-Identifier: MIT
// A record's page: all that is set is told, as text; shared and taken back; deleted and taken back.
import { type Page, expect, expectAccessible, shoot, signIn, test } from './support/test';

const WHOLE = {
  artist: 'Nina Simone', name: 'Pastel Blues', format: '2xLP', label: 'Philips', catalogNumber: 'PHS 600-187', labelCode: 'LC 0305', barcode: '4006381333931',
  releaseYear: 1965, releaseDate: '1965-10-01', pressingYear: 1967, sleeveGrade: 'VG', hasInsert: true, insertGrade: 'EX', hasObiStrip: true, obiStripGrade: 'NM',
  isPromo: true, notes: 'From the little shop.\nStamped inner sleeve.', purchasedAt: '2021-05-17', pricePaid: 1234.5,
  mediaPieces: [
    { kind: 'VINYL', sizeInch: 12, speedRpm: 33, sides: { A: 'NM', B: 'VG+' }, notes: 'Deep groove' },
    { kind: 'VINYL', sizeInch: 7, speedRpm: 45, discGrade: 'EX', sides: { A: 'EX', B: null } },
    { kind: 'CD', discGrade: 'M' }, { kind: 'CASSETTE', sides: { G: 'NM' } },
  ],
};

test('everything that is set is told, in both themes, on a desk and on a phone', async ({ browser, server, account, baseURL }) => {
  const { id } = await server.addRecord(account.token, WHOLE);
  for (const [name, width, colorScheme] of [['light', 1280, 'light'], ['dark', 1280, 'dark'], ['phone', 390, 'light'], ['phone-dark', 390, 'dark']] as const) {
    const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme, ignoreHTTPSErrors: true, baseURL, locale: 'en-GB' });
    await signIn(context, server, account);
    const page = await context.newPage();
    await page.goto(`/records/${id}`);
    for (const words of ['Pastel Blues', 'VG+ because side B is VG+', '€1,234.50', '17 May 2021', '1 October 1965', 'LC 0305', '4006381333931', 'Deep groove', 'Stamped inner sleeve.'])
      await expect(page.getByText(words).first()).toBeVisible();
    await expect(page.getByRole('img', { name: 'Piece 2: the disc EX, Side C EX, Side D not graded' })).toBeVisible();
    await expectAccessible(page);
    await shoot(page, `record-${name}`);
    await page.goto(`/records/${id}/edit`);
    await expect(page.locator('[name=artist]')).toHaveValue('Nina Simone');
    await page.locator('[name=notes]').scrollIntoViewIfNeeded();
    await expectAccessible(page);
    await shoot(page, `editor-${name}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await context.close();
  }
});

for (const locale of ['de', 'ar'] as const)
  test(`the pages hold their shape and stay accessible in ${locale}`, async ({ browser, server, account, baseURL }) => {
    const { id } = await server.addRecord(account.token, WHOLE);
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ignoreHTTPSErrors: true, baseURL, locale });
    await signIn(context, server, account);
    const page = await context.newPage();
    for (const path of [`/records/${id}`, `/records/${id}/edit`, '/records/new']) {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('dir', locale === 'ar' ? 'rtl' : 'ltr');
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      await expectAccessible(page);
      await shoot(page, `${locale}-${path.split('/').pop()?.length === 3 ? 'new' : path.endsWith('edit') ? 'edit' : 'record'}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    }
    await context.close();
  });

test('what somebody writes stays text, in every field', async ({ signedIn: page, server, account }) => {
  const evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
  const { id } = await server.addRecord(account.token, {
    artist: evil, name: evil, format: evil, label: evil, catalogNumber: evil, labelCode: evil, notes: evil, extra: { [evil.slice(0, 60)]: evil },
    mediaPieces: [{ kind: 'VINYL', sides: { A: 'NM' }, notes: evil }],
  });
  page.on('dialog', () => { throw new Error('a script ran'); });
  await page.goto(`/records/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(evil);
  expect(await page.locator('img[src=x], main script').count()).toBe(0);
  await page.goto(`/records/${id}/edit`);
  await expect(page.locator('[name=artist]')).toHaveValue(evil);
  expect(await page.locator('img[src=x], main script').count()).toBe(0);
});

test('a deleted record is gone from the page, and back by Undo', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, { name: 'Little Girl Blue' });
  await page.goto(`/records/${id}`);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByText('Little Girl Blue by Nina Simone is in the trash')).toBeVisible();
  expect((await server.ask('GET', `/api/records/${id}`, { token: account.token })).status).toBe(404);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page).toHaveURL(`/records/${id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Little Girl Blue' })).toBeVisible();
  expect((await server.ask('GET', `/api/records/${id}`, { token: account.token })).status).toBe(200);
});

test('the keyboard alone edits, saves, deletes and takes back', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, { name: 'Wild Is the Wind' });
  await page.goto(`/records/${id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Wild Is the Wind' })).toBeVisible();
  await page.keyboard.press('e');
  await expect(page).toHaveURL(`/records/${id}/edit`);
  await page.locator('[name=name]').fill('Wild Is the Wind (1966)');
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('heading', { level: 1, name: 'Wild Is the Wind (1966)' })).toBeVisible();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await page.keyboard.press('#');
  await expect(page.getByText('Wild Is the Wind (1966) by Nina Simone is in the trash')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('heading', { level: 1, name: 'Wild Is the Wind (1966)' })).toBeVisible();
});

test('a record that is not there says so and leads on', async ({ signedIn: page }) => {
  await page.goto('/records/01900000-0000-7000-8000-000000000000');
  await expect(page.getByText('This record is not there')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'To the trash' }).click();
  await expect(page).toHaveURL('/records/trash');
});

test('a name given to a record finds it', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, { artist: 'Кино', name: 'Группа крови' });
  await page.goto(`/records/${id}`);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Other names' }).click();
  await expectAccessible(page);
  await page.getByLabel('Another name').fill('Blood Type');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('From now on it is found by this name too.')).toBeVisible();
  const found = await server.ask('GET', '/api/records/search?q=blood+type', { token: account.token });
  expect(found.body.map((record: any) => record.id)).toEqual([id]);
});

const shared = async (page: Page, url: string) => (await page.request.get(url.replace('/s/', '/api/shared/'))).status();

test('a link shows the record to anybody, without the price unless asked, until it is taken back', async ({ signedIn: page, context, server, account }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { id } = await server.addRecord(account.token, { pricePaid: 77 });
  await page.goto(`/records/${id}`);
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share this record' });
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  const url = await dialog.getByLabel('Link', { exact: true }).inputValue();
  expect(url).toMatch(new RegExp(`^${server.url}/s/`));
  await expectAccessible(page);
  await shoot(page, 'share');
  await dialog.getByRole('button', { name: 'Copy the link' }).click();
  await expect(page.getByText('The link is copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);
  const told = async () => (await server.ask('GET', new URL(url).pathname.replace('/s/', '/api/shared/'))).body;
  expect((await told()).record).toMatchObject({ name: 'Pastel Blues' });
  expect(JSON.stringify(await told())).not.toContain('77');
  await dialog.getByRole('listitem').getByRole('checkbox', { name: 'Show what I paid' }).check();
  await expect.poll(async () => (await told()).showPrices).toBe(true);
  await dialog.getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByText('The link is taken back.')).toBeVisible();
  await expect(dialog.getByRole('listitem')).toHaveCount(0);
  expect(await shared(page, url)).toBe(404);
});
