import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Download, expect, type Page, test } from '@playwright/test';
import { pahoAlone, pythons } from '../packages/thing-python/src/pythons.js';
import { setUp, signIn } from './lib/flow.js';
import { lookBothWays } from './lib/look.js';
import { type Service, startService } from './lib/service.js';
import { Unpacked } from './lib/thing.js';

test.describe.configure({ mode: 'serial' });

let service: Service;
/** Where the thing of most tests lives: its page, its full name, and its folder. */
let path: string;
let name: string;
let place: Unpacked;
const places: Unpacked[] = [];

test.beforeAll(async () => {
  service = await startService();
});
test.afterEach(() => Promise.all(places.map((each) => each.stop())));
test.afterAll(async () => {
  await Promise.all(places.map((each) => each.remove()));
  await service?.stop();
});

async function unpack(download: Download): Promise<Unpacked> {
  const unpacked = await Unpacked.from(await download.path());
  places.push(unpacked);
  return unpacked;
}

const region = (page: Page, title: string) => page.getByRole('region', { name: title });
/** A step of “First steps” with its tick. */
const done = (page: Page, step: string) => page.getByRole('heading', { name: `${step} (done)` });
const status = (page: Page, word: string) => page.getByRole('status').getByText(word, { exact: true });
const connected = (page: Page) =>
  page.getByRole('banner').or(page.getByRole('main')).getByText('connected', { exact: true });
const history = (page: Page) => page.getByRole('list', { name: 'Sent before' }).getByRole('listitem');

/** Presses the button, and has the file. */
async function download(page: Page, button: RegExp | string): Promise<Download> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return file;
}

/** Sends JSON by the form. */
async function sendJson(page: Page, payload: unknown): Promise<void> {
  await page.getByText('JSON', { exact: true }).first().click();
  await page.getByRole('textbox', { name: 'JSON' }).fill(JSON.stringify(payload));
  await page.getByRole('button', { name: 'Send message' }).click();
}

test('a thing is created, downloaded and bootstrapped, and the page turns to verified by itself', async ({
  page,
}) => {
  await setUp(page, service.setupLink());
  await page.request.post(`${service.url}/api/things`, { data: { name: 'taken' } });
  await page.goto(`${service.url}/things`);
  await page.getByRole('link', { name: 'Create a thing' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a thing' });
  const field = dialog.getByRole('textbox', { name: 'Name', exact: true });
  const create = dialog.getByRole('button', { name: 'Create a thing' });
  await field.fill('green house');
  await expect(field).toHaveAccessibleDescription(/Use letters, digits, “-” and “_”/);
  await field.fill('taken');
  await create.click();
  await expect(field).toHaveAccessibleDescription(/taken/);
  await lookBothWays(page, 'create-thing');
  await field.fill('greenhouse');
  await dialog.getByRole('combobox', { name: 'Type' }).fill('Raspberry Pi 5');
  await create.click();

  await expect(page.getByRole('tab', { name: 'Thing SDK' })).toHaveAttribute('aria-selected', 'true');
  await expect(status(page, 'created')).toBeVisible();
  path = new URL(page.url()).pathname;
  name = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
  expect(name).toMatch(/^[0-9a-f]{8}-greenhouse$/);
  await expect(region(page, 'First steps')).toBeVisible();
  place = await unpack(await download(page, /^Download \(/));
  await expect(done(page, 'Download its software')).toBeVisible();
  await expect(page.getByText('The private key was downloaded and is no longer here.')).toBeVisible();

  const bootstrap = await place.run(['bootstrap']);
  expect(bootstrap.out).toContain(`${name} is ready`);
  expect(bootstrap.code).toBe(0);
  await expect(done(page, 'Run the bootstrap')).toBeVisible();
  await expect(done(page, 'It is seen here')).toBeVisible();
  await expect(region(page, `${name} is verified`)).toBeVisible();
  await expect(status(page, 'verified')).toBeVisible();
  await lookBothWays(page, 'thing-verified');
});

test('messages sent from the page reach the handler, and the page knows', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}${path}?tab=send`);
  await expect(page.getByText('The thing is not connected')).toBeVisible();
  await place.connect();
  await expect(page.getByText('The thing is not connected')).toHaveCount(0);
  await expect(connected(page)).toBeVisible();

  await page.getByRole('textbox', { name: 'Text' }).fill('Good morning');
  await page.getByRole('button', { name: 'Send message' }).click();
  await expect(history(page)).toHaveCount(1);
  await page.getByText('JSON', { exact: true }).first().click();
  await page.getByRole('textbox', { name: 'JSON' }).fill('{"pump": on}');
  await expect(page.getByRole('textbox', { name: 'JSON' })).toHaveAccessibleDescription(/line 1, column 10/);
  await sendJson(page, { pump: 'on', minutes: [5, 10] });
  await expect(history(page)).toHaveCount(2);
  await expect(history(page).getByText('delivered')).toHaveCount(2);
  await expect
    .poll(() => place.handled())
    .toEqual([{ message: { message: 'Good morning' } }, { pump: 'on', minutes: [5, 10] }]);
});

test('what the thing collects appears by itself, can be looked into, and downloaded', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(service.url + path);
  const rows = page.getByRole('list', { name: 'Messages' }).getByRole('listitem');
  await expect(rows).toHaveCount(3);
  const payload = { temperature: 21.5, rooms: ['Küche', 'Flur'], battery: { volts: 3.7 } };
  const collect = await place.run(['collect'], JSON.stringify(payload));
  expect(collect.out).toMatch(/^collected /);
  await expect(rows).toHaveCount(4);
  await expect(rows.first()).toContainText('"temperature":21.5');

  await rows.first().getByRole('button').click();
  const viewer = page.getByRole('dialog', { name: 'Message' });
  await expect(viewer.getByText('Egress: collected from the thing')).toBeVisible();
  await expect(viewer.getByText('"Küche"')).toBeVisible();
  await lookBothWays(page, 'thing-message');
  await page.keyboard.press('ArrowDown');
  await expect(viewer.getByText('Ingress: sent to the thing')).toBeVisible();
  await expect(viewer.getByText('delivered')).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Download', exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText('4 messages');
  const archive = await unpack(await download(page, 'Download zip'));
  const files = await readdir(archive.folder, { recursive: true });
  const id = collect.out.trim().split(' ')[1] ?? '';
  const file = files.find((each) => each.includes(id)) ?? '';
  const text = await readFile(join(archive.folder, file), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ id, type: 'egress', payload });
  expect(files.filter((each) => each.endsWith('.json'))).toHaveLength(4);
});

test('after a kill -9 the page heals, and the thing gets what was sent while it was away', async ({
  page,
}) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}${path}?tab=send`);
  const before = await place.handled();
  const thing = await place.connect();
  await expect(connected(page)).toBeVisible();
  await expect(history(page)).toHaveCount(2);
  await service.kill();
  await expect(page.getByText('Connection lost. Trying again…').first()).toBeVisible();
  await thing.said('Not connected');
  // It holds its breath, so that it is surely away when the message is sent.
  thing.child.kill('SIGSTOP');
  await service.start();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await expect(page.getByText('The thing is not connected')).toBeVisible();
  await sendJson(page, { while: 'away' });
  await expect(history(page).first()).toContainText('queued');
  thing.child.kill('SIGCONT');
  await expect(history(page).first()).toContainText('delivered');
  await expect(connected(page)).toBeVisible();
  await expect.poll(() => place.handled()).toEqual([...before, { while: 'away' }]);
});

test('the private key is given once; new keys cut the old ones off, and say so on the thing', async ({
  page,
}) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}${path}?tab=sdk`);
  await expect(page.getByText('The private key was downloaded and is no longer here.')).toBeVisible();
  const keyless = await unpack(await download(page, 'Without private key'));
  expect(existsSync(join(keyless.folder, `${name}-keypair-private.pem`))).toBe(false);
  const refused = await keyless.run(['bootstrap']);
  expect(refused.out).toMatch(/✗ .*private\.pem/);

  const old = await place.connect();
  await page.getByRole('button', { name: 'Make new keys' }).click();
  await lookBothWays(page, 'thing-rotate');
  await page.getByRole('dialog').getByRole('button', { name: 'Make new keys' }).click();
  await old.said(/Not connected: .*keys (were )?rotated/);
  await expect(page.getByText('It holds the private key, which is given once')).toBeVisible();
  const again = await unpack(await download(page, /^Download \(/));
  expect((await again.run(['bootstrap'])).code).toBe(0);
  await place.stop();
  expect((await place.run(['bootstrap'])).out).toMatch(/✗ broker .*were its keys rotated/);
  place = again;
});

test('a thing is disabled, and deleted by naming it', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}${path}?tab=settings`);
  const thing = await place.connect();
  await expect(connected(page)).toBeVisible();
  await page.getByRole('switch', { name: /^Enabled/ }).click();
  await expect(status(page, 'disabled')).toBeVisible();
  await thing.said(/Not connected: .*disabled/);
  await expect(connected(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Delete thing' }).click();
  const dialog = page.getByRole('dialog', { name: `Delete ${name}?` });
  await expect(dialog.getByText(/\d messages go with it/)).toBeVisible();
  await dialog.getByRole('textbox').fill('taken');
  await dialog.getByRole('button', { name: 'Delete thing' }).click();
  await expect(dialog.getByRole('textbox')).toHaveAccessibleDescription(/./);
  await lookBothWays(page, 'thing-delete');
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('button', { name: 'Delete thing' }).click();
  await expect(page).toHaveURL(`${service.url}/things`);
  await expect(page.getByRole('link', { name: /taken$/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /greenhouse$/ })).toHaveCount(0);
  await page.goto(service.url + path);
  await expect(page.getByText('There is no such thing')).toBeVisible();
});

test('the Python SDK of the download bootstraps too', async ({ page }) => {
  const [python] = pythons();
  const paho = pahoAlone();
  test.skip(python === undefined || paho === undefined, 'needs Python 3.9 or newer and paho-mqtt');
  if (python === undefined || paho === undefined) return;
  await signIn(page, service.url);
  const response = await page.request.post(`${service.url}/api/things`, { data: { name: 'snake' } });
  const { id } = (await response.json()) as { id: string };
  await page.goto(`${service.url}/things/${id}?tab=sdk`);
  await page.getByRole('radio', { name: 'Python' }).check({ force: true });
  await expect(page.getByRole('region', { name: 'commands', exact: true })).toContainText(
    'python3 -m flashlexiot bootstrap',
  );
  const snake = await unpack(await download(page, /^Download \(/));
  const env = { PYTHONPATH: paho, PYTHONDONTWRITEBYTECODE: '1' };
  const { code, err } = await snake
    .startProgram(python.command, ['-m', 'flashlexiot', 'bootstrap'], { env })
    .ended();
  expect(err).toBe('');
  expect(code).toBe(0);
  await expect(status(page, 'verified')).toBeVisible();
});

test('a limit that an administrator sets is told where it is reached', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}/settings/policies`);
  await page.getByRole('button', { name: 'Edit limits for everybody' }).click();
  const dialog = page.getByRole('dialog');
  const things = (
    (await (await page.request.get(`${service.url}/api/policy`)).json()) as { usage: { things: number } }
  ).usage.things;
  await dialog.getByLabel('Things').fill('many');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByLabel('Things')).toHaveAccessibleDescription(/number/i);
  await dialog.getByLabel('Things').fill(`${things}`);
  await lookBothWays(page, 'policies-edit');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('Used up')).toBeVisible();

  await page.goto(`${service.url}/things?dialog=create`);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('one-more');
  await page.getByRole('dialog').getByRole('button', { name: 'Create a thing' }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('limit');
  await lookBothWays(page, 'create-thing-over');
  await page.getByRole('link', { name: 'See policies' }).click();
  await expect(page.getByRole('heading', { name: 'Policies', level: 1 })).toBeVisible();
  await page.goto(`${service.url}/settings/usage`);
  await expect(page.getByRole('meter', { name: 'Things' })).toHaveAttribute(
    'aria-valuetext',
    `${things} of ${things}`,
  );
  await page.goto(service.url);
  await expect(page.getByText('Used up')).toBeVisible();
});
