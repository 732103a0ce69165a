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
