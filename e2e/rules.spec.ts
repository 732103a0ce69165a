import { expect, type Page, test } from '@playwright/test';
import { setUp, signIn } from './lib/flow.js';
import { lookBothWays } from './lib/look.js';
import { type Service, startService } from './lib/service.js';
import { Unpacked } from './lib/thing.js';

test.describe.configure({ mode: 'serial' });

let service: Service;
let place: Unpacked | undefined;
/** Page of the channel. */
let path: string;

test.beforeAll(async () => {
  service = await startService();
});
test.afterAll(async () => {
  await place?.remove();
  await service?.stop();
});

const preview = (page: Page) => page.getByRole('region', { name: 'Preview' });
const collect = (payload: unknown) => (place as Unpacked).run(['collect'], JSON.stringify(payload));

test('a rule takes what a thing collects, and shows beforehand what it makes of it', async ({ page }) => {
  await setUp(page, service.setupLink());
  const thing = await page.request.post(`${service.url}/api/things`, { data: { name: 'tracker' } });
  const channel = await page.request.post(`${service.url}/api/channels`, { data: { name: 'Trackers' } });
  path = `/channels/${((await channel.json()) as { id: number }).id}`;
  await page.goto(`${service.url}/things/${((await thing.json()) as { id: string }).id}?tab=sdk`);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^Download \(/ }).click(),
  ]);
  place = await Unpacked.from(await file.path());
  expect((await place.run(['bootstrap'])).code).toBe(0);

  await page.goto(`${service.url}${path}?tab=rules`);
  await expect(page.getByRole('heading', { name: 'No rules yet' })).toBeVisible();
  await lookBothWays(page, 'rules-empty');
  await page.getByRole('link', { name: 'Create a rule' }).click();
  await page.getByRole('textbox', { name: 'Name (optional)' }).fill('Positions');

  await page.getByRole('radio', { name: 'These things' }).check();
  await page.getByRole('button', { name: 'Create a rule' }).click();
  await expect(page.getByRole('alert')).toContainText('Choose at least one thing');
  await page.getByRole('searchbox', { name: 'Search things' }).fill('track');
  await page.getByRole('checkbox', { name: /-tracker$/ }).check();
  await expect(page.getByRole('alert')).toHaveCount(0);

  // A fact comes while one looks.
  await collect({ temp: 21.5, position: { latitude: 48.2, longitude: 16.37 }, junk: true });
  await expect(preview(page).getByRole('article').first()).toContainText('position.latitude: 48.2');
  await page.getByRole('radio', { name: /^These fields/ }).check();
  await page.getByRole('checkbox', { name: /^position\.\*/ }).check();
  await expect(page.getByRole('checkbox', { name: 'position.latitude' })).toBeDisabled();
  await page.getByRole('checkbox', { name: 'temp', exact: true }).check();
  await page.getByRole('button', { name: 'Rename a field' }).click();
  await page.getByRole('combobox', { name: 'Field, row 1' }).fill('temp');
  await page.getByRole('textbox', { name: 'New name, row 1' }).fill('temperature');
  const added = preview(page).getByRole('article').first().getByRole('list').last();
  await expect(added).toContainText('temperature: 21.5');
  await expect(added).not.toContainText('junk');
  await lookBothWays(page, 'rule-editor');

  await page.getByRole('button', { name: 'Create a rule' }).click();
  const row = page.getByRole('list', { name: 'Rules' }).getByRole('listitem');
  await expect(row).toContainText('tracker · keeps 2 fields or groups, renames 1');
  await expect(row.getByRole('definition').first()).toHaveText('0');
  await collect({ temp: 22, position: { latitude: 48.3, longitude: 16.4 }, junk: true });
  await expect(row.getByRole('definition').first()).toHaveText('1');
  await lookBothWays(page, 'rules');
});

test('what it adds appears in the live tail by itself', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}${path}?tab=messages`);
  const rows = page.getByRole('listitem').filter({ hasText: 'temperature' });
  await expect(rows).toHaveCount(1);
  await collect({ temp: 23, position: { latitude: 48.4, longitude: 16.5 }, junk: true });
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('23');
  await expect(rows.first()).not.toContainText('junk');
});

test('commands are copied with a token that may read this channel alone, and run', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}${path}?tab=use`);
  await page.getByRole('button', { name: 'Make a token and fill it in' }).click();
  await expect(page.getByText('The token is valid for a day')).toBeVisible();
  const command = (title: string) => page.getByRole('region', { name: title, exact: true }).textContent();
  const [curl, receiver] = [await command('curl, from the first message on'), await command('Receiver')];
  for (const script of [curl ?? '', receiver ?? '']) {
    const running = (place as Unpacked).startProgram('sh', [
      '-c',
      script.replace('node receiver.mjs', 'exec node receiver.mjs'),
    ]);
    await running.said('"temperature":23');
    expect(running.out).not.toContain('junk');
  }

  const token = /FlespiToken (\S+)"/.exec(curl ?? '')?.[1];
  const call = (method: string, to: string) =>
    fetch(service.url + to, { method, headers: { authorization: `FlespiToken ${token}` } });
  const messages = `/gw${path}/messages`;
  expect((await call('GET', messages)).status).toBe(200);
  expect((await call('DELETE', messages)).status).toBe(403);
  expect((await call('GET', '/api/things')).status).toBe(403);
});

test('what a token may do is chosen, and shown', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}/settings/access-tokens`);
  await expect(page.getByText(/May do: see channel 1; read messages of channel 1$/)).toBeVisible();
  await page.getByRole('button', { name: 'New access token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('sensor');
  await dialog.getByRole('radio', { name: /^Only what I choose/ }).check();
  await dialog.getByText('These', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Create token' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Choose at least one channel');
  await dialog.getByRole('checkbox', { name: /^Trackers/ }).check();
  await dialog.getByRole('checkbox', { name: 'Read messages' }).uncheck();
  await dialog.getByRole('checkbox', { name: 'Add messages' }).check();
  await lookBothWays(page, 'token-rights');
  await dialog.getByRole('button', { name: 'Create token' }).click();
  await expect(dialog.getByTestId('new-token')).toBeVisible();
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  await expect(page.getByText(/May do: add messages of channel 1$/)).toBeVisible();
  await lookBothWays(page, 'tokens-rights');
});

test('a rule that is off adds nothing, and one that is deleted is gone', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}${path}?tab=rules`);
  const on = page.getByRole('switch', { name: 'Positions is on' });
  await on.click();
  await expect(on).not.toBeChecked();
  await page.getByRole('link', { name: 'Edit Positions' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete “Positions”?' });
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'No rules yet' })).toBeVisible();
});
