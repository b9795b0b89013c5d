// SPDX-License-Identifier: MIT
// The list, the overview and the trash in every theme, language and size: whole, readable, and open to everybody.
import { fill } from './support/collection';
import { expectGoodLooks, looks, wear } from './support/look';
import { expect, test } from './support/test';

for (const look of looks) {
  test(`the list, the overview and the trash look right: ${look.name}`, async ({ signedIn: page, server, account }) => {
    await fill(server, account, 150);
    const { id } = await server.addRecord(account.token, { name: 'Deleted' });
    await server.ask('DELETE', `/api/records/${id}`, { token: account.token });
    await wear(page, look);
    for (const view of ['grid', 'table']) {
      await page.goto(`/records?view=${view}&format=LP&grade=NM`);
      await page.locator('[data-at="3"]').waitFor();
      await expectGoodLooks(page, `records-${view}-${look.name}`);
    }
    await page.locator('[data-at="1"]').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await expect(page.getByRole('toolbar')).toBeVisible();
    await expectGoodLooks(page, `records-selected-${look.name}`);
    await page.keyboard.press('e');
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectGoodLooks(page, `records-bulk-${look.name}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('f');
    await page.getByRole('checkbox').nth(4).waitFor();
    await expectGoodLooks(page, `records-filters-${look.name}`);
    if (look.width < 1024) await page.keyboard.press('Escape');
    for (const key of ['?', 'Control+k']) {
      await page.keyboard.press(key);
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectGoodLooks(page, `records-${key === '?' ? 'help' : 'menu'}-${look.name}`);
      await page.keyboard.press('Escape');
    }
    for (const [name, path] of [['overview', '/'], ['trash', '/records/trash']] as const) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('svg[viewBox="0 0 100 100"]').first().waitFor();
      await expectGoodLooks(page, `${name}-${look.name}`);
    }
  });
}
