// SPDX-License-Identifier: MIT
// Covers: small, upright, and with nothing in them but the picture.
import { type Page, expect, shoot, test } from './support/test';

/** A photograph as a phone takes it: lying on its side with a note to turn it, and with a place in its metadata. */
async function photograph(page: Page, width = 2400, height = 1600): Promise<Buffer> {
  const bytes = await page.evaluate(async ([w, h]) => {
    const canvas = new OffscreenCanvas(w, h);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.fillStyle = '#cc2222';
    context.fillRect(0, 0, w / 2, h);
    context.fillStyle = '#2222cc';
    context.fillRect(w / 2, 0, w / 2, h);
    return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer())];
  }, [width, height] as const);
  const plain = Buffer.from(bytes);
  const tiff = Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'), Buffer.from([0, 2]),
    Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]), // orientation: turn right
    Buffer.from([0x01, 0x0e, 0, 2, 0, 0, 0, 16, 0, 0, 0, 38]), // a description, behind the directory
    Buffer.from([0, 0, 0, 0]), Buffer.from('HOME 52.52 13.4\0', 'latin1'),
  ]);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);
  return Buffer.concat([plain.subarray(0, 2), head, body, plain.subarray(2)]);
}

const file = (buffer: Buffer) => ({ name: 'cover.jpg', mimeType: 'image/jpeg', buffer });

interface Seen { width: number; height: number; left: number[]; top: number[]; bottom: number[]; text: string }

/** The picture at an address: its size, the colour of three places, and its bytes as text. */
const look = (page: Page, src: string): Promise<Seen> => page.evaluate(async (address) => {
  const bytes = await (await fetch(address)).arrayBuffer();
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  if (!context) throw new Error('no canvas');
  context.drawImage(bitmap, 0, 0);
  const at = (x: number, y: number) => [...context.getImageData(Math.round(bitmap.width * x), Math.round(bitmap.height * y), 1, 1).data].slice(0, 3);
  return { width: bitmap.width, height: bitmap.height, left: at(0.1, 0.5), top: at(0.5, 0.1), bottom: at(0.5, 0.9), text: new TextDecoder('latin1').decode(bytes) };
}, src);

const sourceOf = async (page: Page): Promise<string> => (await page.getByRole('img', { name: /^Cover of/ }).getAttribute('src')) ?? '';

test('a photograph becomes a small, upright cover without its metadata; removing it can be undone', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, {});
  await page.goto(`/records/${id}`);
  await page.locator('input[type=file]').setInputFiles(file(await photograph(page)));
  await expect(page.getByText('Cover saved')).toBeVisible();
  const src = await sourceOf(page);
  expect(src).toMatch(/^\/covers\//);
  const seen = await look(page, src);
  expect([seen.width, seen.height]).toEqual([667, 1000]);
  expect(seen.text).not.toContain('HOME 52.52');
  expect(seen.text).not.toContain('Exif');
  expect(seen.top[0]).toBeGreaterThan(150); // the red half, which lay on the left, is at the top
  expect(seen.bottom[2]).toBeGreaterThan(150);
  const box = await page.getByRole('img', { name: /^Cover of/ }).boundingBox();
  expect(box && Math.abs(box.width - box.height) < 2, 'shown whole, in its square').toBe(true);
  await shoot(page, 'cover');

  await page.getByRole('button', { name: 'Remove cover' }).click();
  await expect(page.getByText('Cover removed')).toBeVisible();
  await expect(page.getByRole('img', { name: /^Cover of/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(page.getByRole('img', { name: /^Cover of/ })).toHaveAttribute('src', src);
  const { body } = await server.ask('GET', `/api/records/${id}`, { token: account.token });
  expect(body.cover).toBe(src);
});

test('a picture is taken by drop and by paste', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, {});
  await page.goto(`/records/${id}`);
  await expect(page.getByText('Drop a picture here, or paste one.')).toBeVisible();
  const bytes = [...await photograph(page, 300, 300)];
  const give = (type: 'drop' | 'paste') => page.evaluate(([kind, data]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([new Uint8Array(data)], 'cover.jpg', { type: 'image/jpeg' }));
    const target = document.querySelector('input[type=file]')?.parentElement;
    const event = kind === 'drop' ? new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true })
      : new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true });
    target?.dispatchEvent(event);
  }, [type, bytes] as const);
  await give('drop');
  await expect(page.getByText('Cover saved')).toBeVisible();
  await page.getByRole('button', { name: 'Remove cover' }).click();
  await expect(page.getByRole('img', { name: /^Cover of/ })).toHaveCount(0);
  await give('paste');
  await expect(page.getByRole('img', { name: /^Cover of/ })).toBeVisible();
});

test('what is no picture is refused with a sentence, and the cover stays', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, {});
  await page.goto(`/records/${id}`);
  await page.locator('input[type=file]').setInputFiles({ name: 'cover.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<svg onload=alert(1)>') });
  await expect(page.getByText('This file is no picture that this browser can read.')).toBeVisible();
});

test('a cover that changes while a record is edited is no conflict', async ({ signedIn: page, server, account }) => {
  const { id } = await server.addRecord(account.token, {});
  const refused: string[] = [];
  page.on('response', (response) => { if (response.status() === 412) refused.push(response.url()); });
  await page.goto(`/records/${id}/edit`);
  await page.locator('[name=label]').fill('Mercury');
  await page.locator('input[type=file]').setInputFiles(file(await photograph(page, 300, 300)));
  await expect(page.getByText('Cover saved')).toBeVisible();
  await page.getByRole('button', { name: 'Remove cover' }).click();
  await expect(page.getByText('Cover removed')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(page.getByText('The cover is back')).toBeVisible();
  await page.locator('button[type=submit]').click();
  await expect.poll(async () => (await server.ask('GET', `/api/records/${id}`, { token: account.token })).body.label).toBe('Mercury');
  expect(refused).toEqual([]);
});

test('the cover of a new record waits in its draft and comes with it', async ({ signedIn: page, server, account }) => {
  await page.goto('/records/new');
  await page.locator('input[type=file]').setInputFiles(file(await photograph(page)));
  await page.locator('[name=artist]').fill('Faust');
  await page.locator('[name=name]').fill('Faust');
  await page.locator('[name=format]').fill('LP');
  await expect(page.getByText('Kept in this browser until you save.')).toBeVisible();
  await expect(page.getByText('Draft kept in this browser')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('img', { name: /^Cover of/ })).toHaveAttribute('src', /^data:image/);
  await page.locator('button[type=submit]').click();
  await expect(page.getByRole('heading', { level: 1, name: 'Faust' })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Cover of/ })).toHaveAttribute('src', /^\/covers\//);
  const id = page.url().split('/').pop();
  expect((await server.ask('GET', `/api/records/${id}`, { token: account.token })).body.cover).toMatch(/^\/covers\//);
});
