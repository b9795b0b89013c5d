// SPDX-License-Identifier: MIT
// Barcodes: by a scanner that types, by the camera, and calmly without one.
import { writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { eanVideo } from './support/ean-video';
import { type Page, expect, expectAccessible, shoot, signIn, test } from './support/test';

const CODE = '4006381333931';

/** What a scanner does, at its speed: keys in a row, Enter at the end, which sends the form unless the page prevents it. */
async function scanInto(page: Page, name: string, code: string): Promise<void> {
  await page.locator(`[name=${name}]`).focus();
  await page.locator(`[name=${name}]`).evaluate((element, typed) => {
    const input = element as HTMLInputElement;
    const press = (key: string): boolean => input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    for (const key of typed) {
      press(key);
      input.value += key;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
    if (press('Enter')) input.form?.requestSubmit();
  }, code);
}

test('the Enter of a scanner does not send the form; that of a person does', async ({ signedIn: page }) => {
  await page.goto('/records/new');
  await page.locator('summary', { hasText: 'Release' }).click();
  await scanInto(page, 'barcode', CODE);
  await expect(page.getByText('The check digit fits.')).toBeVisible();
  await expect(page.getByText('Please fill this in.')).toHaveCount(0);
  await page.waitForTimeout(300); // no person is as fast as the second Enter of a scanner
  await page.locator('[name=barcode]').press('Enter');
  await expect(page.getByText('Please fill this in.').first()).toBeVisible();
});

test('a code that is scanned into another field goes where it belongs', async ({ signedIn: page }) => {
  await page.goto('/records/new');
  await page.locator('[name=name]').fill('Blue ');
  await scanInto(page, 'name', CODE);
  await expect(page.locator('[name=barcode]')).toHaveValue(CODE);
  await expect(page.locator('[name=name]')).toHaveValue('Blue ');
  await expect(page.getByText('Please fill this in.')).toHaveCount(0);
});

test('the camera reads a barcode, and is switched off afterwards', async ({ server, account }, info) => {
  const film = info.outputPath('ean.y4m');
  writeFileSync(film, eanVideo(CODE));
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`],
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: server.url, locale: 'en-GB', permissions: ['camera'] });
  await context.addInitScript(() => {
    const devices = navigator.mediaDevices;
    const open = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      (window as unknown as { tracks: MediaStreamTrack[] }).tracks = stream.getTracks();
      return stream;
    };
  });
  await signIn(context, server, account);
  const page = await context.newPage();
  await page.goto('/records/new');
  await page.getByRole('button', { name: 'Scan a barcode' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0, { timeout: 60_000 });
  await expect(page.locator('[name=barcode]')).toHaveValue(CODE);
  expect(await page.evaluate(() => (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map((track) => track.readyState))).toEqual(['ended']);

  // the same camera photographs the cover
  await page.getByRole('button', { name: 'Take a photo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take it' }).click();
  await expect(page.getByRole('img', { name: 'The chosen cover' })).toHaveAttribute('src', /^data:image\/webp/);
  await browser.close();
});

test('without a camera, or without permission, the dialog says calmly what to do', async ({ signedIn: page }) => {
  await page.goto('/records/new');
  for (const [name, words] of [['NotAllowedError', 'The camera is switched off for this page.'], ['NotFoundError', 'There is no camera here.'], ['NotReadableError', 'Another program is using the camera.']] as const) {
    await page.evaluate((error) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', error));
    }, name);
    await page.getByRole('button', { name: 'Scan a barcode' }).click();
    await expect(page.getByRole('dialog').getByText(words)).toBeVisible();
    await expectAccessible(page);
    await shoot(page, `camera-${name}`);
    await page.keyboard.press('Escape');
  }
});

/** A camera that shows a grey picture and has a light; what is asked of it is kept in `window.asked`. */
const pretendCamera = (page: Page): Promise<void> => page.addInitScript(() => {
  const asked: unknown[] = [];
  Object.assign(window, { asked });
  navigator.mediaDevices.getUserMedia = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    canvas.getContext('2d')?.fillRect(0, 0, 320, 240);
    const stream = canvas.captureStream(5);
    for (const track of stream.getTracks()) {
      Object.assign(track, {
        getCapabilities: () => ({ torch: true }),
        applyConstraints: (wanted: unknown) => { asked.push(wanted); return Promise.resolve(); },
        stop: () => { asked.push('stopped'); },
      });
    }
    return Promise.resolve(stream);
  };
});

test('the light of a camera is switched on and off, and the camera with the dialog', async ({ signedIn: page }) => {
  await pretendCamera(page);
  await page.goto('/records/new');
  await page.getByRole('button', { name: 'Scan a barcode' }).click();
  await page.getByRole('button', { name: 'Light on' }).click();
  await page.getByRole('button', { name: 'Light off' }).click();
  await expectAccessible(page);
  await shoot(page, 'camera');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await page.evaluate(() => (window as unknown as { asked: unknown[] }).asked))
    .toEqual([{ advanced: [{ torch: true }] }, { advanced: [{ torch: false }] }, 'stopped']);
});

test('a browser that reads barcodes itself is let do so, and loads no reader', async ({ signedIn: page }) => {
  await pretendCamera(page);
  await page.addInitScript((code) => {
    Object.assign(window, {
      BarcodeDetector: class {
        static getSupportedFormats(): Promise<string[]> { return Promise.resolve(['ean_13', 'qr_code']); }
        detect = () => Promise.resolve([{ rawValue: '4006381333932' }, { rawValue: code }]); // the first is misread
      },
    });
  }, CODE);
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await page.goto('/records/new');
  await page.getByRole('button', { name: 'Scan a barcode' }).click();
  await expect(page.locator('[name=barcode]')).toHaveValue(CODE);
  expect(loaded.filter((url) => url.includes('luminance'))).toEqual([]);
});
