import { expect, type Page, test } from '@playwright/test';
import { setUp, USER } from './lib/flow.js';
import { lookBothWays } from './lib/look.js';
import { freePort } from './lib/outside.js';
import { PushReceiver } from './lib/push-receiver.js';
import { type Service, startService } from './lib/service.js';

let service: Service;
let page: Page;
let pushPort: number;

test.beforeAll(async ({ browser }) => {
  pushPort = await freePort();
  service = await startService({ env: { PUSH_PORT: String(pushPort) } });
  page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  await setUp(page, service.setupLink());
});
test.afterAll(async () => {
  await page?.context().close();
  await service?.stop();
});

/** Makes something happen behind the page's back. */
async function post(path: string, data: unknown): Promise<Record<string, unknown>> {
  const answer = await page.request.post(`${service.url}/api${path}`, { data });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Record<string, unknown>;
}

const makeThing = (name: string) => post('/things', { name });

test('a monitor is built, seen to match, received by TCP, tested, looked into and deleted', async () => {
  test.setTimeout(180_000);
  await makeThing('greenhouse');
  await page.goto(`${service.url}/`);
  await page.getByRole('navigation').getByRole('link', { name: 'Monitors' }).click();
  await expect(page.getByText('No monitors yet')).toBeVisible();
  await lookBothWays(page, 'monitors-empty');
  await page.getByRole('link', { name: 'Create a monitor' }).click();
  const topic = page.getByRole('textbox', { name: 'Topic', exact: true });

  await test.step('the builder makes a topic, and the events that match are seen', async () => {
    await expect(page.getByRole('heading', { name: 'Create a monitor' })).toBeVisible();
    await lookBothWays(page, 'monitor-new');
    await page.getByRole('radio', { name: /^Connections/ }).click();
    await expect(topic).toHaveValue('DeviceCore');
    await expect(page.getByRole('button', { name: /Show the event.*\d+\/DeviceCore\/\d+\/0/ })).toHaveCount(
      1,
    );
    // Its number is asked for first.
    await page.getByRole('radio', { name: 'greenhouse' }).click();
    await expect(topic).toHaveValue(/^DeviceCore\/\d+$/);
    await page.getByRole('radio', { name: 'All of them' }).check();
    await expect(topic).toHaveValue('DeviceCore');
    await page.getByRole('checkbox', { name: 'changed' }).uncheck();
    await expect(topic).toHaveValue('DeviceCore[CD]');
    await page.getByRole('checkbox', { name: 'gone' }).uncheck();
    await expect(topic).toHaveValue('DeviceCore[C]');
    // What happens while one looks appears by itself.
    await makeThing('cellar');
    await expect(page.getByRole('button', { name: /Show the event/ })).toHaveCount(2);
    await page
      .getByRole('button', { name: /Show the event/ })
      .first()
      .click();
    await expect(page.getByRole('dialog').getByRole('region', { name: 'the payload' })).toContainText('Msg');
    await lookBothWays(page, 'monitor-event');
    await page.keyboard.press('Escape');
  });

  await test.step('a text out of the grammar is marked where it is wrong', async () => {
    await topic.fill('DeviceCore[C],Devicecore');
    await expect(topic).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByText(/no resource “Devicecore”.*character 15/)).toBeVisible();
    // What matched before stays beside it.
    await expect(page.getByRole('button', { name: /Show the event/ })).toHaveCount(2);
    await lookBothWays(page, 'monitor-wrong-topic');
    await topic.fill('DeviceCore[C]');
    await expect(page.getByRole('button', { name: /Show the event/ })).toHaveCount(2);
  });

  await test.step('what belongs together is asked for, and what was typed stays', async () => {
    await page.getByRole('radio', { name: /^HTTP/ }).check();
    await page.getByLabel('Events in a batch').fill('0');
    await page.getByRole('button', { name: 'Create a monitor' }).click();
    await expect(page.getByText('Write the address that events are sent to')).toBeVisible();
    await expect(page.getByText('Use 1 or more events')).toBeVisible();
    await page.getByRole('switch', { name: /template/ }).click();
    await page.getByRole('textbox', { name: 'Template' }).fill('{{#each events}}{{topic}}');
    await expect(page.getByText(/line 1/)).toBeVisible();
    await page.getByRole('textbox', { name: 'Template' }).fill('{{#each events}}new: {{topic}}{{/each}}');
    await expect(page.getByRole('region', { name: 'the rendered payload' })).toContainText('new: ');
    await lookBothWays(page, 'monitor-http');
    await page.getByRole('switch', { name: /template/ }).click();
    await page.getByRole('radio', { name: /^TCP/ }).check();
    await page.getByRole('switch', { name: /The client acknowledges/ }).click();
    await page.getByLabel('Events in a batch').fill('10');
    await page.getByLabel('Wait for a batch').fill('0');
    await page.getByLabel('Description').fill('New devices');
    await page.getByRole('link', { name: 'Monitors' }).first().click();
    await page.getByRole('link', { name: 'Create a monitor' }).click();
    await expect(page.getByLabel('Description')).toHaveValue('New devices');
    await expect(topic).toHaveValue('DeviceCore[C]');
    await page.getByRole('button', { name: 'Create a monitor' }).click();
    await expect(page.getByRole('heading', { name: 'New devices' })).toBeVisible();
  });

  const id = Number(new URL(page.url()).pathname.split('/').pop());
  await test.step('commands stand there to be copied', async () => {
    await expect(page.getByRole('region', { name: 'push-client' })).toContainText(`--monitor ${id}`);
    await lookBothWays(page, 'monitor-use');
  });

  const receiver = new PushReceiver({
    port: pushPort,
    user: USER.email,
    password: USER.password,
    monitorId: id,
  });
  try {
    await test.step('a client connects, and receives what happens', async () => {
      await page.getByRole('tab', { name: 'Overview' }).click();
      await expect.poll(() => receiver.status).toBe(200);
      await expect(page.getByRole('status').filter({ hasText: 'ACTIVE' })).toBeVisible();
      await makeThing('attic');
      await expect.poll(() => receiver.received.length).toBeGreaterThan(0);
      expect(receiver.received.map(({ payload }) => payload).join()).toContain('DeviceCore');
    });

    await test.step('a test arrives, and its block is looked into', async () => {
      await page.getByRole('button', { name: 'Send a test' }).click();
      await expect(page.getByText('The test arrived')).toBeVisible();
      await expect(page.getByRole('img', { name: /Chart of events sent/ })).toBeVisible();
      await lookBothWays(page, 'monitor-overview');
      await page.getByRole('link', { name: 'See the block' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog.getByRole('region', { name: 'the payload' })).toContainText('Test');
      await expect(dialog.getByText('delivered').first()).toBeVisible();
      await lookBothWays(page, 'monitor-block');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('button', { name: /^Open Block/ })).toHaveCount(2);
      await lookBothWays(page, 'monitor-blocks');
    });

    await test.step('what happened is sent again from a time on', async () => {
      const before = receiver.received.length;
      await page.getByRole('link', { name: 'Replay' }).click();
      await page.getByRole('button', { name: '10 minutes ago' }).click();
      await lookBothWays(page, 'monitor-replay');
      await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click();
      await expect(page.getByText('It goes back')).toBeVisible();
      await expect.poll(() => receiver.received.length).toBeGreaterThan(before);
    });
  } finally {
    receiver.close();
  }

  await test.step('the other tabs, the list and the overview', async () => {
    await page.goto(`${service.url}/monitors/${id}?tab=events`);
    await expect(page.getByRole('button', { name: /Show the event/ }).first()).toBeVisible();
    await lookBothWays(page, 'monitor-events');
    await expect(page.getByRole('status').filter({ hasText: 'SUSPENDED' })).toBeVisible();
    await page.getByRole('link', { name: 'Monitors' }).first().click();
    await expect(page.getByRole('row', { name: /New devices/ })).toContainText('SUSPENDED');
    await lookBothWays(page, 'monitors');
    await page.getByText('DISABLED', { exact: true }).click();
    await expect(page.getByText('Nothing matches')).toBeVisible();
    expect(new URL(page.url()).search).toBe('?status=DISABLED');
    await page.goto(service.url);
    await expect(page.getByRole('link', { name: 'New devices' })).toBeVisible();
    await lookBothWays(page, 'overview-monitors');
  });

  await test.step('it is changed, and deleted by its name', async () => {
    await page.goto(`${service.url}/monitors/${id}?tab=settings`);
    await page.getByLabel('Description').fill('Devices');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { name: 'Devices', exact: true })).toBeVisible();
    await lookBothWays(page, 'monitor-settings');
    await page.getByRole('button', { name: 'Delete monitor' }).click();
    await page.getByLabel('Type “Devices” to confirm').fill('Devices');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete monitor' }).click();
    await expect(page.getByText('No monitors yet')).toBeVisible();
  });
});
