import { expect, test } from '@playwright/test';
import { type DemoProvider, startDemoProvider } from '@polyrelay/demo';
import { CLIENT, expectMovingValues, linkAccount, registerThermostat, setUp } from './lib/flow.js';
import { type OutsideParts, startOutside } from './lib/outside.js';
import { type Service, startService } from './lib/service.js';

let outside: OutsideParts;
let service: Service;
let provider: DemoProvider;

test.beforeAll(async () => {
  outside = await startOutside();
  service = await startService({ env: { DATABASE_URL: outside.databaseUrl, MQTT_URL: outside.mqttUrl } });
  // It says that its broker is missing, and heals when it comes.
  expect((await fetch(`${service.url}/api/health`)).status).toBe(503);
  await outside.startBroker(service.dataDir);
  provider = await startDemoProvider({ ...CLIENT, redirectUris: [`${service.url}/api/oauth/callback`] });
});
test.afterAll(async () => {
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
