// SPDX-License-Identifier: MIT
// The browser tests: Debian's Chromium against the real program, over HTTP/3 and HTTP/2.
import { defineConfig } from '@playwright/test';

const junit = process.env.JUNIT;

export default defineConfig({
  testDir: '.',
  outputDir: process.env.RECORDD_BROWSER_OUT ?? '../../build/browser',
  // A page that waits for a second of a busy machine has not failed; the program here runs with sanitizers.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 2,
  retries: 1, // what fails twice has failed
  forbidOnly: true,
  reporter: [['list'], ...(junit ? [['junit', { outputFile: junit }] as ['junit', object]] : [])],
  use: { ignoreHTTPSErrors: true, locale: 'en-GB', timezoneId: 'UTC', viewport: { width: 1280, height: 900 }, trace: 'off', actionTimeout: 20_000, navigationTimeout: 30_000 },
  projects: [{ name: 'h3' }, { name: 'h2' }],
});
