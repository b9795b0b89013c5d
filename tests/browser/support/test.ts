// SPDX-License-Identifier: MIT
// What every browser test begins with: a real server, an account, a page that is signed in, and eyes on what must never happen.
import { type BrowserContext, type Page, expect, test as base } from '@playwright/test';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Account, RealServer } from './server';

export { expect, RealServer };
export type { Account, BrowserContext, Page };

interface Fixtures { inTurn: void; account: Account; open: (options?: { signedIn?: boolean }) => Promise<Page>; signedIn: Page; visitor: Page; noticed: string[] }
interface WorkerFixtures { server: RealServer }

/** Faults that a page must not have: errors of scripts, anything that the content security policy blocked. */
async function watch(context: BrowserContext, noticed: string[]): Promise<void> {
  context.on('weberror', (error) => noticed.push(`error: ${error.error().stack ?? error.error()}`));
  context.on('console', (message) => {
    // The browser itself complains of answers ≥ 400, and of the network's absence; pages that expect those handle them.
    if (message.type() === 'error' && !/Failed to load resource|net::ERR_|error occurred when fetching the script/.test(message.text())) noticed.push(`console: ${message.text()}`);
  });
  await context.exposeBinding('__blockedByPolicy', (_source, what: string) => { noticed.push(`blocked by the policy: ${what}`); });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      void (window as unknown as { __blockedByPolicy: (what: string) => void }).__blockedByPolicy(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}

/** The session's cookie, as signing in would set it. */
export async function signIn(context: BrowserContext, server: RealServer, account: Account): Promise<void> {
  const answer = await context.request.post(`${server.url}/api/auth/login`, {
    headers: { 'x-recordd-session': 'cookie' }, data: { email: account.email, password: account.password },
  });
  expect(answer.ok()).toBe(true);
}

/** RECORDD_BROWSER=both: every test over both protocols; else each over one of them, the same every time. */
const overBoth = process.env.RECORDD_BROWSER === 'both';
const protocolOf = (title: string): string =>
  [...title].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 2 ? 'h3' : 'h2';

export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [async ({}, use) => {
    const server = await RealServer.start();
    await use(server);
    await server.end();
  }, { scope: 'worker' }],
  // Chromium is told the server's key, so that QUIC is spoken with it too.
  browser: [async ({ playwright, server }, use, info) => {
    const quic = info.project.name === 'h3'
      ? [`--origin-to-force-quic-on=localhost:${server.port}`, '--enable-quic'] : ['--disable-quic'];
    const browser = await playwright.chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync', '--disable-background-networking', '--disable-component-update',
        `--ignore-certificate-errors-spki-list=${server.key}`, ...quic],
    });
    await use(browser);
    await browser.close();
  }, { scope: 'worker' }],
  inTurn: [async ({}, use, info) => {
    test.skip(!overBoth && !info.tags.includes('@both') && protocolOf(info.title) !== info.project.name, 'runs over the other protocol');
    await use();
  }, { auto: true }],
  baseURL: async ({ server }, use) => { await use(server.url); },
  noticed: async ({}, use) => {
    const noticed: string[] = [];
    await use(noticed);
    expect(noticed, 'what no page may cause').toEqual([]);
  },
  context: async ({ context, noticed }, use) => {
    await watch(context, noticed);
    await use(context);
  },
  account: async ({ server }, use) => { await use(await server.account()); },
  signedIn: async ({ page, context, server, account }, use) => {
    await signIn(context, server, account);
    await use(page);
  },
  visitor: async ({ page }, use) => { await use(page); },
});

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** No violation of WCAG 2.2 A and AA that a program can find, in the theme of the moment. */
export async function expectAccessible(page: Page): Promise<void> {
  // Colours on their way from one theme to the other are nobody's.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)));
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const axe = (window as unknown as { axe: { run: (what: Document, how: object) => Promise<{ violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe;
    const found = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return found.violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 3).map((node) => `${node.html.slice(0, 200)} ${node.failureSummary}`) }));
  });
  expect(violations).toEqual([]);
}

/** A picture to look at, when RECORDD_SCREENSHOTS names a folder. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.RECORDD_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}
