import { expect, test } from '@playwright/test';
import { type DemoProvider, startDemoProvider } from '@polyrelay/demo';
import { CLIENT, expectMovingValues, linkAccount, registerThermostat, setUp, signIn } from './lib/flow.js';
import { type OutsideParts, startOutside } from './lib/outside.js';
import { type Service, startService } from './lib/service.js';
import { Unpacked } from './lib/thing.js';

let outside: OutsideParts;
let service: Service;
let provider: DemoProvider;
let place: Unpacked | undefined;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  outside = await startOutside();
  service = await startService({ env: { DATABASE_URL: outside.databaseUrl, MQTT_URL: outside.mqttUrl } });
  // It says that its broker is missing, and heals when it comes.
  expect((await fetch(`${service.url}/api/health`)).status).toBe(503);
  await outside.startBroker(service.dataDir);
  provider = await startDemoProvider({ ...CLIENT, redirectUris: [`${service.url}/api/oauth/callback`] });
});
test.afterAll(async () => {
  await place?.remove();
  await service?.stop();
  await provider?.close();
  await outside?.stop();
});

test('the whole relay with an outside PostgreSQL and an outside Mosquitto', async ({ page }) => {
  await expect.poll(async () => (await fetch(`${service.url}/api/health`)).status).toBe(200);
  await setUp(page, service.setupLink());
  await registerThermostat(page, provider);
  await linkAccount(page);
  await expect(page.getByRole('heading', { name: 'Demo Climate is linked' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to Demo Climate' }).click();
  await page.getByRole('tab', { name: /Nodes/ }).click();
  await expect(page.getByText('Study', { exact: true })).toBeVisible();
  await expectMovingValues(page);
});

test('a thing bootstraps, and gets a message, with an outside Mosquitto', async ({ page }) => {
  await signIn(page, service.url);
  const created = await page.request.post(`${service.url}/api/things`, { data: { name: 'greenhouse' } });
  const { id } = (await created.json()) as { id: string };
  await page.goto(`${service.url}/things/${id}?tab=sdk`);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^Download \(/ }).click(),
  ]);
  place = await Unpacked.from(await download.path());
  const bootstrap = await place.run(['bootstrap']);
  expect(bootstrap.out).toContain('is ready');
  await expect(page.getByRole('status').getByText('verified', { exact: true })).toBeVisible();

  await place.connect();
  await page.getByRole('tab', { name: 'Send message' }).click();
  await page.getByRole('textbox', { name: 'Text' }).fill('Good morning');
  await page.getByRole('button', { name: 'Send message' }).click();
  const handled = place;
  await expect.poll(() => handled.handled()).toEqual([{ message: { message: 'Good morning' } }]);
});
