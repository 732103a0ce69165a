import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import { hasOutsideParts } from './lib/outside.js';

/** Debian's Chromium where it is; elsewhere the one Playwright knows. */
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  fullyParallel: false,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  forbidOnly: process.env.CI !== undefined,
  use: {
    locale: 'en-GB',
    // Recording costs as much as the tests themselves. Where one fails: run it with `--trace on`.
    trace: 'off',
    screenshot: 'only-on-failure',
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    },
  },
  projects: [
    { name: 'embedded', testMatch: '*.spec.ts', testIgnore: 'outside.spec.ts' },
    // Debian's Mosquitto and PostgreSQL in place of the embedded ones.
    ...(hasOutsideParts() ? [{ name: 'outside', testMatch: 'outside.spec.ts' }] : []),
  ],
});
