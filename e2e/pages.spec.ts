import { expect, type Page, test } from '@playwright/test';
import { type DemoProvider, startDemoProvider } from '@polyrelay/demo';
import { CLIENT, linkAccount, registerThermostat, setUp, signIn } from './lib/flow.js';
import { look, SHOTS, SIZES } from './lib/look.js';
import { type Service, startService } from './lib/service.js';

let service: Service;
let provider: DemoProvider;
let nodeServer: string;
let thing: string;
let channel: string;
let monitor: string;
let result: string;

// Each pass has a service of its own: the two run side by side.
test.describe.configure({ mode: 'parallel' });

test.beforeAll(async ({ browser }) => {
  service = await startService();
  provider = await startDemoProvider({ ...CLIENT, redirectUris: [`${service.url}/api/oauth/callback`] });
  const page = await browser.newPage();
  await setUp(page, service.setupLink());
  await registerThermostat(page, provider);
  nodeServer = new URL(page.url()).pathname;
  await linkAccount(page);
  await expect(page.getByRole('heading', { name: 'Demo Climate is linked' })).toBeVisible();
  result = page.url().slice(service.url.length);
  thing = await createThing(page);
  channel = await createChannel(page);
  monitor = await createMonitor(page);
  await page.close();
});
test.afterAll(async () => {
  await service?.stop();
  await provider?.close();
});

/** A thing with a message that waits for it. @returns the path of its page */
async function createThing(page: Page): Promise<string> {
  const api = `${service.url}/api/things`;
  const created = await page.request.post(api, { data: { name: 'greenhouse', type: 'Raspberry Pi 5' } });
  const { id } = (await created.json()) as { id: string };
  const sent = await page.request.post(`${api}/${id}/messages`, { data: { payload: { pump: 'on' } } });
  expect(sent.status()).toBe(201);
  return `/things/${id}`;
}

/** A channel with a message and a rule. @returns the path of its page */
async function createChannel(page: Page): Promise<string> {
  const api = `${service.url}/api/channels`;
  const created = await page.request.post(api, { data: { name: 'greenhouse' } });
  const { id } = (await created.json()) as { id: number };
  const data = { ident: 'pump', timestamp: 1_700_000_000, position: { latitude: 47.1 } };
  expect((await page.request.post(`${api}/${id}/messages`, { data })).ok()).toBe(true);
  const rule = { source: { kind: 'things', things: 'all' }, rename: { id: 'ident' } };
  expect((await page.request.post(`${api}/${id}/rules`, { data: rule })).status()).toBe(201);
  return `/channels/${id}`;
}

/** A monitor whose server takes nothing, of events that there are. @returns the path of its page */
async function createMonitor(page: Page): Promise<string> {
  const data = {
    topic: 'DeviceCore,Event',
    transportType: 'http',
    transportUrl: 'https://polyrelay.invalid/events',
    formatType: 'xml',
    description: 'To nobody',
  };
  const created = await page.request.post(`${service.url}/api/monitors`, { data });
  expect(created.status()).toBe(201);
  const { id } = (await created.json()) as { id: number };
  return `/monitors/${id}`;
}

/** Every page, by name. */
const pages = (): Record<string, string> => ({
  overview: '/',
  'node-servers': '/node-servers',
  register: '/node-servers/new',
  things: '/things',
  'thing-messages': `${thing}?tab=messages`,
  'thing-send': `${thing}?tab=send`,
  'thing-sdk': `${thing}?tab=sdk`,
  'thing-settings': `${thing}?tab=settings`,
  channels: '/channels',
  channel,
  'channel-messages': `${channel}?tab=messages`,
  'channel-rules': `${channel}?tab=rules`,
  'channel-use': `${channel}?tab=use`,
  'channel-settings': `${channel}?tab=settings`,
  monitors: '/monitors',
  'monitor-new': '/monitors/new?topic=Event',
  monitor,
  'monitor-events': `${monitor}?tab=events`,
  'monitor-blocks': `${monitor}?tab=blocks`,
  'monitor-use': `${monitor}?tab=use`,
  'monitor-settings': `${monitor}?tab=settings`,
  'monitor-gone': '/monitors/999999',
  store: '/store',
  'store-nothing': '/store?q=nothing-like-it',
  notices: `${nodeServer}?tab=notices`,
  nodes: `${nodeServer}?tab=nodes`,
  parameters: `${nodeServer}?tab=parameters`,
  log: `${nodeServer}?tab=log`,
  'node-server-settings': `${nodeServer}?tab=settings`,
  'sign-in-result': result,
  'sign-in-refused': '/oauth/result?outcome=otherBrowser',
  events: '/events',
  account: '/settings/account',
  tokens: '/settings/access-tokens',
  users: '/settings/users',
  policies: '/settings/policies',
  usage: '/settings/usage',
  controllers: '/settings/controllers',
  audit: '/settings/audit',
  backups: '/settings/backups',
  about: '/settings/about',
  'not-found': '/no-such-page',
});

/** Colours depend on the theme, the layout on the width: two passes see all four. With screenshots, all are made. */
const passes: ['light' | 'dark', keyof typeof SIZES][] = [
  ['light', 'wide'],
  ['dark', 'phone'],
  ...(SHOTS === undefined
    ? []
    : ([
        ['light', 'phone'],
        ['dark', 'wide'],
      ] as ['light' | 'dark', keyof typeof SIZES][])),
];

for (const [scheme, size] of passes) {
  test(`every page is accessible and fits: ${scheme}, ${size}`, async ({ browser }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: SIZES[size],
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.goto(`${service.url}/sign-in`);
    await look(page, `sign-in-${scheme}-${size}`);
    await signIn(page, service.url);
    for (const [name, path] of Object.entries(pages())) {
      await page.goto(service.url + path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('status').filter({ hasText: 'Loading' })).toHaveCount(0);
      await look(page, `${name}-${scheme}-${size}`);
    }
    await context.close();
  });
}

test('a phone names its places in full, and has the rare ones under “More”', async ({ page }) => {
  await page.setViewportSize(SIZES.phone);
  await signIn(page, service.url);
  const bar = page.getByRole('navigation', { name: 'Main' });
  const names = bar.locator('span');
  expect(await names.count()).toBeGreaterThan(2);
  for (const name of await names.all())
    expect(
      await name.evaluate((span) => span.scrollWidth <= span.clientWidth),
      `“${await name.textContent()}” is cut`,
    ).toBe(true);
  await expect(bar.getByRole('link', { name: 'Settings' })).toHaveCount(0);
  await bar.getByRole('button', { name: 'More' }).click();
  const events = page.getByRole('menuitem', { name: 'Events' });
  await expect(events).toBeVisible();
  await look(page, 'more-phone');
  await events.click();
  await expect(page.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible();
  await expect(bar.getByRole('button', { name: 'More' })).toHaveAttribute('aria-current', 'page');
});
