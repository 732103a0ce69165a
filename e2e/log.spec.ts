import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { setUp } from './lib/flow.js';
import { lookBothWays, SIZES } from './lib/look.js';
import { type Service, startService } from './lib/service.js';

/** 3,000 lines at once, then ten a second. */
const TALKING = `
const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];
let i = 0;
const line = () => '[main] [' + levels[i % 4] + '] reading ' + ++i + '\\n';
process.stdout.write(Array.from({ length: 3000 }, line).join(''));
setInterval(() => process.stdout.write(line()), 100);
`;

/** Pixels below what is in sight. */
const toTheEnd = (element: HTMLElement): number =>
  element.scrollHeight - element.clientHeight - element.scrollTop;

let service: Service;
let folder: string;

test.beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'pr-e2e-log-'));
  await writeFile(join(folder, 'main.mjs'), TALKING);
});
test.afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the log is followed, searched, paused, gone back in, downloaded and cleared', async ({ page }) => {
  await setUp(page, service.setupLink());
  const answer = await page.request.post(`${service.url}/api/node-servers`, {
    headers: { origin: service.url },
    data: { serverJson: { name: 'Talker', type: 'node', executable: 'main.mjs' }, source: { folder } },
  });
  const { id } = (await answer.json()) as { id: string };
  await page.goto(`${service.url}/node-servers/${id}?tab=log`);
  const log = page.getByRole('log', { name: 'Log' });
  const text = (pattern: RegExp) => log.getByText(pattern).first();
  await expect(text(/reading 30[1-9]\d/)).toBeVisible();

  // Up: it stays, and older lines come.
  await log.focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('Home');
  await expect(page.getByRole('button', { name: /^Follow/ })).toBeVisible();
  await expect(async () => {
    await page.keyboard.press('Home');
    await expect(text(/reading 1$/)).toBeVisible({ timeout: 500 });
  }).toPass();
  await page.getByRole('button', { name: /^Follow/ }).click();

  await page.getByRole('searchbox', { name: 'Filter the log' }).fill('reading 2999');
  await expect(page.getByRole('status').getByText('1 line', { exact: true })).toBeVisible();
  await expect(log.locator('mark')).toHaveText('reading 2999');
  await page.getByRole('searchbox', { name: 'Filter the log' }).fill('');
  await page.getByRole('combobox', { name: 'Least level', exact: true }).selectOption('error');
  await expect(log.getByText(/\[WARNING\]/)).toHaveCount(0);
  await expect(text(/\[ERROR\]/)).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('menuitem', { name: 'What passes the filter' }).click();
  const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  expect(lines.length).toBeGreaterThanOrEqual(750);
  expect(lines.every((line) => line.includes('[ERROR]'))).toBe(true);

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: /Resume \(\d+ new\)/ })).toBeVisible();
  // What is looked at stays at its end where the lines are laid out anew.
  await page.setViewportSize(SIZES.phone);
  await expect.poll(() => log.evaluate(toTheEnd)).toBeLessThanOrEqual(1);
  await page.setViewportSize(SIZES.wide);
  await expect.poll(() => log.evaluate(toTheEnd)).toBeLessThanOrEqual(1);
  await page.getByRole('button', { name: /Resume/ }).click();

  await page.getByRole('button', { name: 'More', exact: true }).click();
  await lookBothWays(page, 'log-tools');
  await page.getByLabel('Jump to time').fill('2020-01-01T00:00:00');
  await page.getByRole('button', { name: 'Jump', exact: true }).click();
  await expect(text(/reading 4$/)).toBeVisible();
  await page.getByRole('button', { name: 'Back to live' }).click();
  await expect(text(/reading 3\d\d\d/)).toBeVisible();

  await page.getByRole('combobox', { name: 'Least level that is kept' }).selectOption('error');
  await expect(page.getByText('Saved')).toBeVisible();
  await page.getByRole('button', { name: 'Clear log' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear log' }).click();
  await expect(text(/reading 4$/)).toHaveCount(0);
  await expect(text(/\[ERROR\]/)).toBeVisible();
});
