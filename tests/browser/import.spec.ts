// SPDX-License-Identifier: MIT
// Bringing a collection in and taking it out again, as somebody does it who has read nothing.
import { readFileSync } from 'node:fs';
import { expectGoodLooks, looks, wear } from './support/look';
import { expect, expectAccessible, test, type Account, type Page, type RealServer } from './support/test';

const DISCOGS = [
  'Catalog#,Artist,Title,Label,Format,Rating,Released,release_id,CollectionFolder,Date Added,Collection Media Condition,Collection Sleeve Condition,Collection Notes',
  'WARPLP101,Boards Of Canada,Geogaddi,Warp Records,"3xLP, Album",5,2002,4711,Electronic,2015-03-01 10:00:00,Near Mint (NM or M-),Very Good Plus (VG+),bought in Leeds',
  `BN 4003,Art Blakey,Moanin',Blue Note,"LP, Album, RE",,1987,815,Jazz,2016-07-12 10:00:00,Very Good Plus (VG+),Very Good (VG),`,
  ',Broken,Year,X,LP,,19x7,12,Jazz,2016-07-12 10:00:00,Wonderful,Generic,',
].join('\n');

const csv = (text: string, name = 'collection.csv') => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const choose = (page: Page, text: string) => page.locator('input[type=file]').setInputFiles(csv(text));
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const records = async (server: RealServer, account: Account): Promise<any[]> => (await server.ask('GET', '/api/records', { token: account.token })).body;
const counted = (page: Page, name: string) => page.locator('dl > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) }).locator('dd');

/** Many rows, so that there is something to see of an import at work. */
const manyRows = (n: number): string => ['artist,name,format', ...Array.from({ length: n }, (_, at) => `Artist ${at % 977},Album ${at},LP`)].join('\n');

test('a Discogs export is recognised, checked, imported, shown, and taken back', async ({ signedIn: page, server, account }) => {
  await page.goto('/import');
  await choose(page, DISCOGS);
  await expect(page.getByRole('heading', { name: 'A Discogs collection export' })).toBeVisible();
  await expect(page.getByText('Geogaddi').first()).toBeVisible();
  await button(page, 'Continue').click();
  await button(page, 'Check first').click();

  await expect(page.getByRole('heading', { name: 'Checked: nothing was changed' })).toBeVisible();
  await expect(counted(page, 'would be added')).toHaveText('2');
  await expect(counted(page, 'with errors')).toHaveText('1');
  await expect(page.getByRole('row', { name: /Year must be a year/ })).toBeVisible();
  const report = page.waitForEvent('download');
  await page.evaluate(() => { delete (window as { showSaveFilePicker?: unknown }).showSaveFilePicker; });
  await button(page, 'Download the report').click();
  expect(readFileSync(await (await report).path(), 'utf8')).toContain('4,4,releaseYear,');
  expect(await records(server, account)).toEqual([]);

  await button(page, 'Import now').click();
  await expect(page.getByRole('heading', { name: 'Your records are here' })).toBeVisible();
  await expect(counted(page, 'added')).toHaveText('2');
  expect((await records(server, account)).map(({ name, createdAt }) => `${createdAt} ${name}`).sort()).toEqual([
    '2015-03-01T10:00:00.000Z Geogaddi', "2016-07-12T10:00:00.000Z Moanin'",
  ]);
  await page.getByRole('link', { name: 'Show what came in' }).click();
  await expect(page.getByText('Geogaddi').first()).toBeVisible();

  await page.goBack();
  await page.getByRole('region', { name: 'Import and export' }).getByRole('button', { name: 'Undo this import' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo this import' }).click();
  await expect(page.getByRole('heading', { name: 'The import was undone' })).toBeVisible();
  await expect(page.getByText('2 moved to the trash')).toBeVisible();
  expect(await records(server, account)).toEqual([]);
  await expect(page.getByRole('region', { name: 'Former imports' }).getByText('Undone')).toBeVisible();
});

test('a table of one’s own is understood by its names, and its records get the format that it does not tell', async ({ signedIn: page, server, account }) => {
  await page.goto('/import');
  await choose(page, 'Band;Album;Jahr;Zustand;Bezahlt;Regal\nNeu!;Neu! 75;1975;VG+;24,50 €;A3\nCluster;Zuckerzeit;1974;NM;31,00 €;B1\n');
  await expect(page.getByRole('heading', { name: 'A table of your own' })).toBeVisible();
  await expect(page.getByLabel('What column “Band” becomes')).toHaveValue('artist');
  await expect(page.getByLabel('What column “Album” becomes')).toHaveValue('name');
  await expect(page.getByLabel('What column “Zustand” becomes')).toHaveValue('recordGrade');
  await expect(page.getByLabel('What column “Bezahlt” becomes')).toHaveValue('pricePaid');

  await page.getByLabel('What column “Album” becomes').selectOption('');
  await expect(page.getByText('A record needs Title')).toBeVisible();
  await expect(button(page, 'Continue')).toBeDisabled();
  await page.getByLabel('What column “Album” becomes').selectOption('name');
  await page.getByLabel('Format of all records').fill('12"');
  await button(page, 'Continue').click();
  await button(page, 'Import now').click();
  await expect(counted(page, 'added')).toHaveText('2');
  const found = (await records(server, account)).find((record) => record.artist === 'Neu!');
  expect(found).toMatchObject({ name: 'Neu! 75', format: '12"', releaseYear: 1975, recordGrade: 'VG+', pricePaid: 24.5, extra: { Regal: 'A3' } });
});

test('rows that were copied out of a spreadsheet can be pasted', async ({ signedIn: page, server, account }) => {
  await page.goto('/import');
  await button(page, 'Paste rows instead').click();
  await page.getByLabel('Rows, the column names first').fill('Artist\tTitle\tFormat\nBjörk\tPost\tLP\n');
  await button(page, 'Use these rows').click();
  await button(page, 'Continue').click();
  await button(page, 'Import now').click();
  await expect(counted(page, 'added')).toHaveText('1');
  expect((await records(server, account))[0]).toMatchObject({ artist: 'Björk', name: 'Post' });
});

test('a file that is dropped anywhere on the page is opened', async ({ signedIn: page }) => {
  await page.goto('/import');
  await expect(page.getByRole('heading', { name: 'Drop a CSV file here' })).toBeVisible();
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], 'dropped.csv'));
    for (const name of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
  }, DISCOGS);
  await expect(page.getByText('dropped.csv')).toBeVisible();
});

test('the steps can be gone by keyboard alone', async ({ signedIn: page, server, account }) => {
  await server.addRecord(account.token, { artist: 'Art Blakey', name: "Moanin'", format: 'LP', catalogNumber: 'BN 4003' });
  await page.goto('/import');
  await choose(page, DISCOGS);
  await button(page, 'Continue').press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('radio', { name: /^Leave it alone/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: /^Fill in what is missing/ })).toBeChecked();
  for (const name of ['Back', 'Check first', 'Import now']) {
    await page.keyboard.press('Tab');
    await expect(button(page, name)).toBeFocused();
  }
  await page.keyboard.press('Enter');
  await expect(counted(page, 'filled in')).toHaveText('1');
  await expect(counted(page, 'added')).toHaveText('1');
});

test('what is no table is told in plain words', async ({ signedIn: page }) => {
  await page.goto('/import');
  await choose(page, '');
  await expect(page.getByText('There is nothing in this file.')).toBeVisible();
  await page.locator('input[type=file]').setInputFiles({ name: 'photo.csv', mimeType: 'text/csv', buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]) });
  await expect(page.getByText('this is no CSV file')).toBeVisible();
  await choose(page, DISCOGS);
  await expect(page.getByRole('heading', { name: 'A Discogs collection export' })).toBeVisible();
});

test('somebody who looks at something else finds the prepared import again, and a running one too', async ({ signedIn: page }) => {
  await page.goto('/import');
  await choose(page, manyRows(60_000));
  await button(page, 'Continue').click();
  await page.getByRole('navigation').getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Import' }).click();
  await button(page, 'Import now').click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect(page).toHaveURL(/\/import\/[0-9a-f-]{36}$/);
  await page.goto('/insights');
  await page.goto('/import');
  await expect(page.getByRole('progressbar', { name: 'Importing' })).toBeVisible();
  await expect(page.getByText(/rows a second/)).toBeVisible();
  await expectAccessible(page);
  await button(page, 'Cancel').click();
  await expect(page.getByRole('heading', { name: 'The import was cancelled' })).toBeVisible();
  await expect(page.getByText('What had come in until then stays')).toBeVisible();
});

test('an import that was begun elsewhere appears by itself', async ({ signedIn: page, server, account }) => {
  await page.goto('/import');
  await expect(page.getByText('Nothing has been imported yet.')).toBeVisible();
  await server.ask('POST', '/api/records/import', { token: account.token, body: 'artist,name,format\nCan,Future Days,LP\n', headers: { 'content-type': 'text/csv' } });
  await expect(page.getByRole('region', { name: 'Former imports' }).getByText('1 added')).toBeVisible();
});

test('what stands in a file stays text, whatever it looks like', async ({ signedIn: page }) => {
  const attack = '<img src=x onerror="document.title=`owned`"><script>alert(1)</script>';
  const cell = `"${attack.replaceAll('"', '""')}"`;
  await page.goto('/import');
  await choose(page, `${cell},Artist,Title,Format,Year\n${cell},${cell},${cell},LP,${cell}\n`);
  await button(page, 'Continue').click();
  await button(page, 'Import now').click();
  await expect(page.getByRole('heading', { name: 'Rows that could not be taken' })).toBeVisible();
  await page.goto('/import');
  await choose(page, `Artist,Title,Format\n${cell},${cell},LP\n`);
  await expect(page.getByText(attack).first()).toBeVisible();
  await button(page, 'Continue').click();
  await button(page, 'Import now').click();
  await expect(page.getByRole('heading', { name: 'Your records are here' })).toBeVisible();
  await page.goto('/insights');
  await expect(page.getByText(attack).first()).toBeVisible();
  expect(await page.title()).not.toContain('owned');
});

test.describe('everything comes out', () => {
  test.beforeEach(async ({ server, account }) => {
    for (let at = 0; at < 3; at++) await server.addRecord(account.token, { artist: 'Nina Simone', name: `Volume ${at}`, notes: '=1+1' });
  });

  test('as CSV and JSON, by a download', async ({ signedIn: page }) => {
    await page.addInitScript(() => { delete (window as { showSaveFilePicker?: unknown }).showSaveFilePicker; });
    await page.goto('/import');
    for (const kind of ['CSV', 'JSON']) {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: new RegExp(`^${kind}`) }).click();
      const file = await download;
      expect(file.suggestedFilename()).toMatch(new RegExp(`^recordd-\\d{4}-\\d\\d-\\d\\d\\.${kind.toLowerCase()}$`));
      const text = readFileSync(await file.path(), 'utf8');
      if (kind === 'JSON') expect((JSON.parse(text) as { name: string }[]).map(({ name }) => name).sort()).toEqual(['Volume 0', 'Volume 1', 'Volume 2']);
      else expect(text.match(/Volume \d/g)).toHaveLength(3);
      await expect(page.getByText('Your collection has been saved.')).toBeVisible();
    }
  });

  test('straight to the disk where the browser can', async ({ signedIn: page }) => {
    await page.addInitScript(() => {
      const saved: Uint8Array[] = [];
      Object.assign(window, {
        saved,
        showSaveFilePicker: () => Promise.resolve({ createWritable: () => Promise.resolve(new WritableStream({ write: (chunk: Uint8Array) => void saved.push(chunk.slice()) })) }),
      });
    });
    await page.goto('/import');
    await page.getByRole('button', { name: /^JSON/ }).click();
    await expect(page.getByText('Your collection has been saved.')).toBeVisible();
    const text = await page.evaluate(() => new Blob((window as unknown as { saved: BlobPart[] }).saved).text());
    expect(JSON.parse(text)).toHaveLength(3);
  });

  test('or nothing, if one thinks better of it', async ({ signedIn: page }) => {
    await page.addInitScript(() => Object.assign(window, { showSaveFilePicker: () => Promise.reject(new DOMException('no', 'AbortError')) }));
    await page.goto('/import');
    await page.getByRole('button', { name: /^CSV/ }).click();
    await expect(page.getByRole('button', { name: /^CSV/ })).toBeEnabled();
    await expect(page.getByText('The export broke off')).toHaveCount(0);
  });
});

for (const look of looks) {
  test(`the import is for everybody, and fits: ${look.name}`, async ({ signedIn: page }) => {
    await wear(page, look);
    await page.goto('/import');
    await expect(page.locator('html')).toHaveAttribute('dir', look.locale === 'ar' ? 'rtl' : 'ltr');
    await expect(page.locator('input[type=file]')).toBeAttached();
    await expectGoodLooks(page, `import-file-${look.name}`);
    await choose(page, 'Band;Album;Year;Shelf\nNeu!;Neu! 75;1975;A3\n');
    await expect(page.locator('select').first()).toBeVisible();
    await expectGoodLooks(page, `import-mapping-${look.name}`);
    await page.reload();
    await choose(page, DISCOGS);
    await page.locator('summary').first().click();
    await expect(page.getByRole('table')).toBeVisible();
    await expectGoodLooks(page, `import-columns-${look.name}`);
    await page.locator('[data-step=next]').click();
    await expect(page.getByRole('radio').first()).toBeVisible();
    await expectGoodLooks(page, `import-options-${look.name}`);
    await page.locator('[data-step=start]').click();
    await expect(page.locator('td').first()).toBeVisible();
    await expectGoodLooks(page, `import-result-${look.name}`);
    await page.locator('[data-step=undo]').click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectGoodLooks(page, `import-undo-${look.name}`);
  });
}
