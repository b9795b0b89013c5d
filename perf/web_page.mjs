// SPDX-License-Identifier: MIT
// The web application in Chromium, measured by the browser itself: its first paint, typing a search, scrolling the list.
//
// usage: web_page.mjs '{"url":…, "email":…, "password":…, "rounds":…, "slowdown":…, "queries":[…]}'    prints one line of JSON
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../src/web/package.json', import.meta.url))('@playwright/test');
const { url, email, password, rounds, slowdown, queries } = JSON.parse(process.argv[2]);
const searchBox = 'main input[type=search]';
const betweenKeys = 90; // ms: somebody who types fast
const settle = 400; // ms

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync', '--disable-background-networking', '--disable-component-update', '--disable-quic'],
});

async function freshPage(slow) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slow });
  return { context, page };
}

/** Milliseconds to the first content of the front page, with nothing in the browser's cache. */
async function firstPaint() {
  const { context, page } = await freshPage(slowdown);
  await page.goto(url, { waitUntil: 'networkidle' });
  const at = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null);
  await context.close();
  return at;
}

async function signedIn() {
  const { context, page } = await freshPage(1);
  const answer = await context.request.post(`${url}/api/auth/login`, { headers: { 'x-recordd-session': 'cookie' }, data: { email, password } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()}`);
  await page.addInitScript(() => {
    window.measuredEvents = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.interactionId) window.measuredEvents.push(entry.duration);
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  });
  await page.goto(`${url}/records`); // never idle: a stream of events stays open
  await page.locator(searchBox).waitFor();
  await page.waitForTimeout(5 * settle);
  return { context, page };
}

/** Durations of the interactions, as Interaction to Next Paint counts them (steps of 8 ms; what took under 16 ms is 16). */
async function typing(page) {
  let keys = 0;
  await page.evaluate(() => { window.measuredEvents.length = 0; });
  for (const query of queries) {
    await page.fill(searchBox, '');
    await page.waitForTimeout(settle);
    await page.focus(searchBox);
    await page.keyboard.type(query, { delay: betweenKeys });
    keys += query.length;
    await page.waitForTimeout(settle);
  }
  const slow = await page.evaluate(() => window.measuredEvents);
  return { keys, durations: [...slow, ...Array(Math.max(0, keys - slow.length)).fill(16)] };
}

/** Milliseconds between frames while the wheel turns through some thousand rows. */
async function scrolling(page) {
  await page.fill(searchBox, '');
  await page.waitForTimeout(2 * settle);
  await page.mouse.move(700, 600);
  await page.evaluate(() => {
    window.measuredFrames = [];
    let last = performance.now();
    const frame = (now) => { window.measuredFrames.push(now - last); last = now; window.measuring = requestAnimationFrame(frame); };
    window.measuring = requestAnimationFrame(frame);
  });
  for (let i = 0; i < 120; i += 1) {
    await page.mouse.wheel(0, 900);
    await page.waitForTimeout(16);
  }
  return page.evaluate(() => { cancelAnimationFrame(window.measuring); return window.measuredFrames.slice(2); });
}

const measured = { firstPaint: [], typing: [], frames: [] };
for (let round = 0; round < rounds; round += 1) measured.firstPaint.push(await firstPaint());
const { context, page } = await signedIn();
for (let round = 0; round < rounds; round += 1) {
  measured.typing.push((await typing(page)).durations);
  measured.frames.push(await scrolling(page));
}
await context.close();
await browser.close();
console.log(JSON.stringify(measured));
