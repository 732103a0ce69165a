import { expect, type Page, test } from '@playwright/test';
import { setUp } from './lib/flow.js';
import { lookBothWays } from './lib/look.js';
import { type Service, startService } from './lib/service.js';

let service: Service;
let page: Page;

test.beforeAll(async ({ browser }) => {
  service = await startService();
  page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  await setUp(page, service.setupLink());
});
test.afterAll(async () => {
  await page?.context().close();
  await service?.stop();
});

const now = () => Math.floor(Date.now() / 1000);

/** Adds messages behind the page's back. */
async function post(path: string, messages: unknown): Promise<void> {
  const answer = await page.request.post(`${service.url}/api${path}/messages`, { data: messages });
  expect(answer.status()).toBe(201);
}

test('a channel is made, fed, watched, filtered and emptied', async () => {
  test.setTimeout(150_000);
  await page.getByRole('navigation').getByRole('link', { name: 'Channels' }).click();
  await expect(page.getByText('No channels yet')).toBeVisible();
  await lookBothWays(page, 'channels-empty');
  await page.getByRole('link', { name: 'Create a channel' }).click();
  await page.getByLabel('Name').fill('Garden sensors');
  await page.getByLabel('MQTT topic that feeds it').fill('flespi/mine');
  await expect(page.getByText('This first level is the service’s own')).toBeVisible();
  await page.getByLabel('MQTT topic that feeds it').fill('garden/sensors');
  await page.getByLabel('Keep messages for').selectOption('Other…');
  await page.getByLabel('Seconds').fill('7200');
  await expect(page.getByText('2 h', { exact: true })).toBeVisible();
  await lookBothWays(page, 'channel-create');
  await page.getByRole('dialog').getByRole('button', { name: 'Create a channel' }).click();
  await expect(page.getByRole('heading', { name: 'Garden sensors' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'First steps' })).toBeVisible();
  await lookBothWays(page, 'channel-new');
  const channel = new URL(page.url()).pathname;

  await test.step('a message is written', async () => {
    await page
      .getByRole('region', { name: 'First steps' })
      .getByRole('link', { name: 'Add a message' })
      .click();
    await page.getByLabel('JSON').fill('{\n  "ident": "tracker-1", "timestamp": }');
    await expect(page.getByText(/line 2, column 38/)).toBeVisible();
    await lookBothWays(page, 'channel-add');
    await page
      .getByLabel('JSON')
      .fill(`{"ident": "tracker-1", "timestamp": ${now()}, "long": 12345678901234567890, "tenth": 1.0}`);
    await page.getByRole('button', { name: 'Add message' }).click();
    await expect(page.getByRole('heading', { name: /Add a message \(done\)/ })).toBeVisible();
    await page.getByRole('button', { name: 'Open message 0 of tracker-1' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('row', { name: /long number 12345678901234567890/ })).toBeVisible();
    await expect(dialog.getByRole('row', { name: /tenth number 1\.0/ })).toBeVisible();
    await lookBothWays(page, 'channel-inspector');
    await page.keyboard.press('Escape');
    // Nothing moves under a pointer that is over the list.
    await page.mouse.move(0, 0);
  });

  await test.step('what comes is shown as it comes', async () => {
    const batch = [1, 2, 3].map((n) => ({
      ident: `tracker-${n}`,
      timestamp: now(),
      'battery.level': 10 * n,
    }));
    await post(channel, batch);
    await expect(page.getByRole('button', { name: /^Open message/ })).toHaveCount(4);
    await page.getByRole('button', { name: 'Pause' }).click();
    await post(channel, { ident: 'tracker-9', timestamp: now() });
    await expect(page.getByRole('button', { name: '1 new' })).toBeVisible();
    await expect(page.getByRole('button', { name: /^Open message/ })).toHaveCount(4);
    await page.getByRole('button', { name: 'Follow' }).click();
    await expect(page.getByRole('button', { name: /^Open message/ })).toHaveCount(5);
  });

  await test.step('a filter shows what matches', async () => {
    const field = page.getByRole('textbox', { name: 'Filter' });
    await field.fill('battery.level >');
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await page.getByText('Examples').click();
    await lookBothWays(page, 'channel-filter');
    await page.getByText('Examples').click();
    await field.fill('battery.level >= 20');
    await expect(page.getByRole('button', { name: /^Open message/ })).toHaveCount(2);
    await post(channel, [
      { ident: 'tracker-4', timestamp: now(), 'battery.level': 5 },
      { ident: 'tracker-3', timestamp: now(), 'battery.level': 50 },
    ]);
    await expect(page.getByRole('button', { name: /^Open message/ })).toHaveCount(3);
    await page.getByRole('button', { name: 'Show only messages of tracker-3' }).first().click();
    await page.mouse.move(0, 0);
    await expect(page.getByRole('button', { name: /^Open message/ })).toHaveCount(2);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect(page.getByRole('button', { name: /^Open message/ })).toHaveCount(7);
  });

  await test.step('what comes too fast is passed over, and older ones come by scrolling', async () => {
    await page.getByRole('button', { name: 'Pause' }).click();
    const batch = Array.from({ length: 3000 }, (_, n) => ({ ident: `many-${n % 7}`, timestamp: now(), n }));
    await post(channel, batch);
    await page.getByRole('button', { name: '3,000 new' }).click();
    await expect(page.getByText('2,900 passed over')).toBeVisible();
    await lookBothWays(page, 'channel-messages');
    await page.reload();
    await page.getByRole('button', { name: 'Open message 3006 of' }).scrollIntoViewIfNeeded();
    await page
      .getByRole('button', { name: /^Open message/ })
      .last()
      .hover();
    await page.mouse.wheel(0, 8000);
    await expect(page.getByText('The newest 200 messages')).toBeVisible();
  });

  await test.step('the other tabs and the list', async () => {
    await page.getByRole('tab', { name: 'Overview' }).click();
    await expect(page.getByText('3,007 messages in the last hour')).toBeVisible();
    await expect(page.getByRole('img', { name: /Chart of messages/ })).toBeVisible();
    await lookBothWays(page, 'channel-overview');
    await page.getByRole('tab', { name: 'Use it' }).click();
    await expect(page.getByRole('region', { name: 'flespi_receiver' })).toContainText(
      `${service.url}/gw/channels/`,
    );
    await lookBothWays(page, 'channel-use');
    await page.getByRole('link', { name: 'Channels' }).first().click();
    await expect(page.getByRole('row', { name: /Garden sensors/ })).toContainText('3,007');
    await lookBothWays(page, 'channels');
    await page.goto(`${service.url}${channel}?tab=settings`);
    await lookBothWays(page, 'channel-settings');
    await page.getByRole('button', { name: 'Delete messages' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete messages' }).click();
    await expect(page.getByText(/^0 messages/)).toBeVisible();
    await page.getByRole('button', { name: 'Delete channel' }).click();
    await page.getByLabel('Type “Garden sensors” to confirm').fill('Garden sensors');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete channel' }).click();
    await expect(page.getByText('No channels yet')).toBeVisible();
  });
});
