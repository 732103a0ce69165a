import { expect, test } from '@playwright/test';
import { type DemoProvider, startDemoProvider } from '@polyrelay/demo';
import { CLIENT, expectMovingValues, linkAccount, registerThermostat, setUp, signIn } from './lib/flow.js';
import { type Service, startService } from './lib/service.js';

test.describe.configure({ mode: 'serial' });

let service: Service;
let provider: DemoProvider;

test.beforeAll(async () => {
  service = await startService();
  provider = await startDemoProvider({ ...CLIENT, redirectUris: [`${service.url}/api/oauth/callback`] });
});
test.afterAll(async () => {
  await service?.stop();
  await provider?.close();
});

test('a newcomer sets up, registers a node server, links an account and sees values move', async ({
  page,
}) => {
  await setUp(page, service.setupLink());
  await registerThermostat(page, provider);
  // Whoever looks at another tab is told that a sign-in waits.
  const waiting = page.getByRole('region', { name: 'It waits for you to sign in' });
  await page.getByRole('tab', { name: /Nodes/ }).click();
  await expect(waiting.getByRole('link', { name: /^Sign in at/ })).toBeVisible();
  await page.getByRole('tab', { name: /Notices/ }).click();
  await expect(waiting).toHaveCount(0);
  await linkAccount(page);
  await expect(page.getByRole('heading', { name: 'Demo Climate is linked' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to Demo Climate' }).click();

  await page.getByRole('tab', { name: /Notices/ }).click();
  await expect(page.getByText(/to link your thermostats/)).toHaveCount(0);
  await page.getByRole('tab', { name: /Nodes/ }).click();
  const study = page.getByText('Study', { exact: true });
  await expect(study).toBeVisible();
  await expectMovingValues(page);
});

test('the set-up link works once', async ({ page }) => {
  await page.goto(`${service.url}/setup?token=whatever`);
  await expect(page.getByText('Already set up')).toBeVisible();
});

test('after a kill -9 everything is there, and the worker comes back by itself', async ({ page }) => {
  await signIn(page, service.url);
  await page.getByRole('link', { name: 'Node servers' }).first().click();
  await page
    .getByRole('link', { name: /Demo Climate/ })
    .first()
    .click();
  await expect(page.getByText('connected', { exact: true }).first()).toBeVisible();
  await service.kill();
  await service.start();
  // The page heals by itself: the session, the live connection and the worker are there again.
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await page.getByRole('tab', { name: /Nodes/ }).click();
  await expect(page.getByText('Study', { exact: true })).toBeVisible();
  await expectMovingValues(page);
  await page.getByRole('tab', { name: /Notices/ }).click();
  await expect(page.getByText(/to link your thermostats/)).toHaveCount(0);
});
