// SPDX-License-Identifier: MIT
// Writing records: nothing typed is lost, nothing wrong is sent, and what was written is what the server has.
import { type Page, expect, expectAccessible, shoot, signIn, test } from './support/test';

const field = (page: Page, name: string) => page.locator(`[name=${name}]`);
const unfold = (page: Page, title: string) => page.locator('summary', { hasText: title }).click();
const save = (page: Page) => page.locator('button[type=submit]').click();

async function grade(page: Page, label: string, value: string): Promise<void> {
  await page.getByRole('button', { name: `${label}:` }).click();
  await page.getByRole('dialog').getByRole('radio', { name: value, exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

async function writeCommon(page: Page, artist: string, name: string, format = 'LP'): Promise<void> {
  await field(page, 'artist').fill(artist);
  await field(page, 'name').fill(name);
  await field(page, 'format').fill(format);
}

test('a record is written with its discs, and its grade follows from them', async ({ signedIn: page, server, account }) => {
  await page.goto('/records/new');
  await writeCommon(page, 'Can', 'Tago Mago', '2xLP');
  await field(page, 'label').fill('United Artists');
  await field(page, 'catalogNumber').fill('UAS 29 211/12 X');
  await field(page, 'releaseYear').fill('1971');
  await unfold(page, 'Discs and sides');
  await page.getByRole('button', { name: 'Add what 2xLP has' }).click();
  await grade(page, 'Side A', 'NM');
  await grade(page, 'Side B', 'VG+');
  await grade(page, 'Side C', 'NM');
  await grade(page, 'Sleeve grade', 'VG');
  await expect(page.getByText('VG+ because side B is VG+')).toBeVisible();
  await expect(page.getByRole('img', { name: 'Piece 1: Side A NM, Side B VG+' })).toBeVisible();
  await unfold(page, 'Release');
  await field(page, 'barcode').fill('4006381333931');
  await unfold(page, 'Purchase');
  await field(page, 'pricePaid').fill('1,234.50');
  await field(page, 'purchasedAt').fill('2021-05-17');
  await unfold(page, 'What comes with it');
  await page.getByRole('checkbox', { name: 'Insert' }).check();
  await grade(page, 'Grade of the insert', 'EX');
  await unfold(page, 'Notes');
  await field(page, 'notes').fill('Second shelf,\nfrom the left');
  await save(page);

  await expect(page.getByRole('heading', { level: 1, name: 'Tago Mago' })).toBeVisible();
  await expect(page.getByText('VG+ because side B is VG+')).toBeVisible();
  await expect(page.getByText('€1,234.50')).toBeVisible();
  const id = page.url().split('/').pop();
  const { body } = await server.ask('GET', `/api/records/${id}`, { token: account.token });
  expect(body).toMatchObject({
    artist: 'Can', name: 'Tago Mago', format: '2xLP', label: 'United Artists', catalogNumber: 'UAS 29 211/12 X', releaseYear: 1971,
    recordGrade: 'VG+', recordGradeDerived: true, sleeveGrade: 'VG', barcode: '4006381333931', pricePaid: 1234.5, hasInsert: true, insertGrade: 'EX',
    notes: 'Second shelf,\nfrom the left', purchasedAt: '2021-05-17T00:00:00.000Z',
  });
  expect(body.mediaPieces.map((piece: any) => [piece.index, piece.kind, piece.sizeInch, piece.speedRpm, piece.sides])).toEqual([
    [1, 'VINYL', 12, 33, { A: 'NM', B: 'VG+' }], [2, 'VINYL', 12, 33, { C: 'NM', D: null }],
  ]);
});

test('what is missing or wrong is told at its field, and nothing is sent', async ({ signedIn: page }) => {
  let sent = 0;
  page.on('request', (request) => { if (request.method() === 'POST' && request.url().endsWith('/api/records')) sent++; });
  await page.goto('/records/new');
  await field(page, 'releaseYear').fill('71');
  await unfold(page, 'Purchase');
  await field(page, 'pricePaid').fill('a lot');
  await unfold(page, 'Release');
  await field(page, 'barcode').fill('4006381333932');
  await unfold(page, 'Release');
  await save(page);
  await expect(field(page, 'artist')).toBeFocused();
  await expect(page.getByRole('alert').filter({ hasText: '6 fields need a look.' })).toBeVisible();
  for (const name of ['artist', 'name', 'format', 'releaseYear', 'pricePaid', 'barcode']) await expect(field(page, name)).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('The last digit does not fit the others')).toBeVisible();
  await expectAccessible(page);
  await shoot(page, 'editor-faults');
  expect(sent).toBe(0);
});

test('what the server finds wrong is told at the field, until it is changed', async ({ signedIn: page }) => {
  await page.route('**/api/records', (route) => route.fulfill({
    status: 422, contentType: 'application/problem+json',
    json: { status: 422, detail: 'label is of no use', errors: [{ field: 'label', message: 'is of no use' }] },
  }));
  await page.goto('/records/new');
  await writeCommon(page, 'Can', 'Soundtracks');
  await field(page, 'label').fill('x');
  await save(page);
  await expect(page.getByText('is of no use')).toBeVisible();
  await expect(field(page, 'label')).toBeFocused();
  await field(page, 'label').fill('Liberty');
  await expect(page.getByText('is of no use')).toHaveCount(0);
});

test('a draft survives the page, can be thrown away and taken back, and goes when it is saved', async ({ signedIn: page }) => {
  await page.goto('/records/new');
  await writeCommon(page, 'Neu!', 'Neu! 75');
  await page.reload();
  await expect(field(page, 'artist')).toHaveValue('Neu!');
  await expect(page.getByText('Your draft is back.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Throw it away' }).click();
  await expect(field(page, 'name')).toHaveValue('');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(field(page, 'name')).toHaveValue('Neu! 75');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.goBack();
  await expect(field(page, 'name')).toHaveValue('Neu! 75');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('What you typed is kept as a draft.')).toBeVisible();
  await page.goto('/records/new');
  await expect(field(page, 'name')).toHaveValue('Neu! 75');
  await save(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Neu! 75' })).toBeVisible();
  await page.goto('/records/new');
  await expect(field(page, 'name')).toHaveValue('');
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('recordd.draft')))).toEqual([]);
});

test('the draft of one is not shown to another who signs in at the same browser', async ({ signedIn: page, context, server }) => {
  await page.goto('/records/new');
  await field(page, 'artist').fill('private taste');
  await expect(page.getByText('Draft kept in this browser')).toBeVisible();
  await context.clearCookies(); // the session ends without anybody signing out
  await page.goto('/');
  await page.getByRole('link', { name: 'Sign in' }).first().click();
  const { email, password } = await server.account();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Records' })).toBeVisible();
  await page.goto('/records/new');
  await expect(field(page, 'artist')).toHaveValue('');
  await expect(page.getByText('Your draft is back.')).toHaveCount(0);
});

test('signing out leaves no draft in the browser', async ({ signedIn: page }) => {
  await page.goto('/records/new');
  await field(page, 'artist').fill('private taste');
  await expect(page.getByText('Draft kept in this browser')).toBeVisible();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.goto('/settings/account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Sign in' }).or(page.getByRole('button', { name: 'Sign in' })).first()).toBeVisible();
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('private taste');
});

test('an amount is read as it is written where the person lives', async ({ browser, server, account, baseURL }) => {
  const made = await server.addRecord(account.token, { pricePaid: 9.9 });
  const context = await browser.newContext({ locale: 'de-DE', ignoreHTTPSErrors: true, baseURL });
  await signIn(context, server, account);
  const page = await context.newPage();
  await page.goto(`/records/${made.id}/edit`);
  await expect(field(page, 'pricePaid')).toHaveValue('9,90');
  await field(page, 'pricePaid').fill('77,25');
  await page.evaluate(() => localStorage.setItem('recordd.look', '{"locale":"en"}'));
  await page.reload();
  await expect(field(page, 'pricePaid'), 'a draft in another language').toHaveValue('77.25');
  await page.evaluate(() => localStorage.setItem('recordd.look', '{"locale":"de"}'));
  await page.reload();
  await field(page, 'pricePaid').fill('1.234,5');
  await field(page, 'pricePaid').blur();
  await expect(field(page, 'pricePaid')).toHaveValue('1234,50');
  await save(page);
  await expect(page.getByText('1.234,50 €')).toBeVisible();
  await expect.poll(async () => (await server.ask('GET', `/api/records/${made.id}`, { token: account.token })).body.pricePaid).toBe(1234.5);
  await context.close();
});

test('artists are proposed as they are typed, and taken by the keyboard', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { artist: 'Einstürzende Neubauten' });
  await page.goto('/records/new');
  await field(page, 'artist').pressSequentially('einst');
  await expect(page.getByRole('option', { name: /Neubauten/i })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(field(page, 'artist')).toHaveValue(/Neubauten/i);
  await expect(page.getByRole('option')).toHaveCount(0);
});

test('a grade is chosen by the keyboard alone, with its meaning beside it', async ({ signedIn: page }) => {
  await page.goto('/records/new');
  await page.getByRole('button', { name: 'Sleeve grade:' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByText('Hardly played.')).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Not graded' })).toBeFocused();
  await page.keyboard.type('vg-');
  await expect(page.getByRole('radio', { name: 'VG-' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Sleeve grade: VG Very good' })).toBeFocused();
});

test('sides are lettered by the place of their piece, and a removed piece comes back', async ({ signedIn: page, server, account }) => {
  const made = await server.addRecord(account.token, { mediaPieces: [{ kind: 'VINYL', sides: { A: 'NM', B: 'EX' } }, { kind: 'VINYL', sides: { A: 'VG', B: 'G' } }] });
  await page.goto(`/records/${made.id}/edit`);
  await expect(page.getByRole('img', { name: 'Piece 2: Side C VG, Side D G' })).toBeVisible();
  await page.getByRole('button', { name: 'Move piece 2 up' }).click();
  await expect(page.getByRole('img', { name: 'Piece 1: Side A VG, Side B G' })).toBeVisible();
  await page.getByRole('button', { name: 'Remove piece 1' }).click();
  await expect(page.getByRole('img', { name: 'Piece 1: Side A NM, Side B EX' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('img', { name: 'Piece 2: Side C NM, Side D EX' })).toBeVisible();
  await save(page);
  await expect.poll(async () => (await server.ask('GET', `/api/records/${made.id}`, { token: account.token })).body.mediaPieces.map((piece: any) => piece.sides))
    .toEqual([{ A: 'VG', B: 'G' }, { C: 'NM', D: 'EX' }]);
});

test('on a phone a grade is put right with the thumb', async ({ browser, server, account, baseURL }) => {
  const made = await server.addRecord(account.token, { recordGrade: 'NM' });
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, ignoreHTTPSErrors: true, baseURL, locale: 'en-GB' });
  await signIn(context, server, account);
  const page = await context.newPage();
  await page.goto(`/records/${made.id}`);
  await page.getByRole('link', { name: 'Edit' }).tap();
  await page.getByRole('button', { name: 'Record grade:' }).tap();
  await shoot(page, 'phone-grades');
  await page.getByRole('radio', { name: 'VG+' }).tap();
  const bar = await page.locator('button[type=submit]').boundingBox();
  expect(bar && bar.y + bar.height > 700 && bar.y + bar.height < 844 && bar.height >= 44).toBe(true);
  await save(page);
  await expect(page.locator('abbr', { hasText: 'VG+' })).toBeVisible();
  await expect.poll(async () => (await server.ask('GET', `/api/records/${made.id}`, { token: account.token })).body.recordGrade).toBe('VG+');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

  await page.goto('/records/new');
  await field(page, 'name').tap();
  await page.keyboard.press('Enter'); // "next" on the phone's keyboard
  await expect(field(page, 'format')).toBeFocused();
  await expect(page.getByText('Please fill this in.').nth(1)).toHaveCount(0);
  await context.close();
});
