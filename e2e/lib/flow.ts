import { readFileSync } from 'node:fs';
import { expect, type Page } from '@playwright/test';
import { type DemoProvider, thermostatFolder } from '@polyrelay/demo';

export const USER = { email: 'jo@example.org', password: 'a long enough password' };
export const CLIENT = { clientId: 'polyrelay', clientSecret: 'a-secret-of-the-provider' };

/** Opens the printed link and makes the first user. */
export async function setUp(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('E-mail').fill(USER.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(USER.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
}

export async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail').fill(USER.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(USER.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
}

/** Registers the demo node server by its server.json, from its folder, with the provider. */
export async function registerThermostat(page: Page, provider: DemoProvider): Promise<void> {
  const folder = thermostatFolder();
  await page.getByRole('link', { name: 'Node servers' }).first().click();
  await page.getByRole('link', { name: 'Add a node server' }).first().click();
  await page.getByLabel('Content of server.json').fill(readFileSync(`${folder}/server.json`, 'utf8'));
  await expect(page.getByText('This server.json is valid')).toBeVisible();
  await page.getByRole('radio', { name: /Folder on the server/ }).check();
  await page.getByLabel('Path of the folder').fill(folder);
  const oauth = page.getByRole('switch', { name: /provider|account/i });
  if ((await oauth.getAttribute('aria-checked')) !== 'true') await oauth.click();
  await page.getByLabel(/Authori[sz]ation URL/i).fill(provider.authorizationUrl);
  await page.getByLabel('Client id', { exact: false }).fill(CLIENT.clientId);
  await page.getByRole('textbox', { name: /Client secret/i }).fill(CLIENT.clientSecret);
  await page.getByRole('button', { name: 'Add a node server' }).click();
  await expect(page.getByRole('heading', { name: 'Demo Climate' })).toBeVisible();
}

/** Clicks the notice's link, signs in and consents at the provider, and comes back. */
export async function linkAccount(page: Page, answer: 'Allow' | 'Deny' = 'Allow'): Promise<void> {
  await page.getByRole('tab', { name: /Notices/ }).click();
  await page.getByRole('link', { name: /^Sign in at/ }).click();
  await page.getByLabel('User name').fill('jo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: answer }).click();
}

/** The temperatures on the page change by themselves. */
export async function expectMovingValues(page: Page): Promise<void> {
  const values = async (): Promise<string> =>
    (await page.getByRole('main').textContent())?.match(/[\d.]+ °C/g)?.join() ?? '';
  const before = await values();
  await expect.poll(values).not.toBe(before);
}
