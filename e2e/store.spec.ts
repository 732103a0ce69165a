import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type GitServer, hasGitServer, startGitServer } from '../apps/server/src/testing/git-server.js';
import { TINY_WORKER } from '../apps/server/src/testing/programs.js';
import { setUp, signIn } from './lib/flow.js';
import { type Service, startService } from './lib/service.js';

test.describe.configure({ mode: 'serial' });
test.skip(!hasGitServer, 'needs git-http-backend');

let git: GitServer;
let service: Service;

const lamps = {
  id: 'lamps',
  name: 'Lamps',
  version: '1.0.0',
  author: 'Somebody <b>bold</b>',
  language: 'node',
  description: '<img src=x onerror="document.title=1"> Lamps of the house.',
  documentation: 'https://example.org/lamps',
  tags: ['light'],
};

/** Writes the catalogue: the lamps, something else, and an entry with a mistake. */
async function writeCatalogue(version: string): Promise<void> {
  const source = { git: git.url('lamps'), ref: 'main' };
  const entries = [
    { ...lamps, version, source },
    { ...lamps, id: 'pool', name: 'Pool', description: 'Pumps.', language: 'python3', tags: [], source },
    { ...lamps, id: 'wrong', documentation: 'javascript:alert(1)', source },
  ];
  await writeFile(join(git.base, 'catalogue.json'), JSON.stringify({ name: 'Ours', entries }));
}

test.beforeAll(async () => {
  git = await startGitServer();
  const serverJson = { name: 'Lamps', type: 'node', executable: 'main.mjs', credits: [{ version: '1.0.0' }] };
  await git.commit('lamps', { 'server.json': JSON.stringify(serverJson), 'main.mjs': TINY_WORKER });
  await writeCatalogue('1.0.0');
  service = await startService({
    env: {
      ALLOW_PRIVATE_URLS: 'true',
      CATALOGUES: join(git.base, 'catalogue.json'),
      GIT_SSL_CAINFO: join(git.base, 'ca.pem'),
    },
  });
});
test.afterAll(async () => {
  await service?.stop();
  await git?.close();
});

const openStore = (page: Page) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Store' }).click();

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual(
    [],
  );
}

test('a newcomer finds a node server in the store, installs it, and it runs', async ({ page }) => {
  await setUp(page, service.setupLink());
  await page.getByRole('link', { name: 'Choose from the store' }).click();
  await expect(page.getByText('2 node servers')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search the store' }).fill('light house');
  await expect(page.getByRole('heading', { name: 'Pool' })).toHaveCount(0);
  // Words of a catalogue are text, whatever they hold.
  await expect(page.getByText('<img src=x onerror="document.title=1"> Lamps of the house.')).toBeVisible();
  await expect(page).toHaveTitle(/^Store/);
  await page.getByText('1 problem in the catalogues').click();
  await expect(page.getByText('Write the https:// address of its documentation')).toBeVisible();

  await page.getByRole('button', { name: 'Install Lamps' }).click();
  const dialog = page.getByRole('dialog', { name: 'Lamps' });
  await expect(dialog.getByText(git.url('lamps'))).toBeVisible();
  await dialog.getByLabel('Slot').selectOption('7');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Install' }).click();
  await expect(page.getByRole('heading', { name: 'Lamps', level: 1 })).toBeVisible();
  await expect(page.getByText('connected', { exact: true }).first()).toBeVisible();
  await expect(page.getByText(/slot 7/).first()).toBeVisible();

  await openStore(page);
  await expect(page.getByText('Installed: 1 copy')).toBeVisible();
});

test('a newer version is shown in the store and in the list', async ({ page }) => {
  await signIn(page, service.url);
  await openStore(page);
  await writeCatalogue('1.2.0');
  await page.getByRole('button', { name: 'Refresh', exact: true }).click();
  await expect(page.getByText('Update to 1.2.0')).toBeVisible();
  await page.getByRole('link', { name: 'Node servers' }).first().click();
  await expect(page.getByText('Update to 1.2.0')).toBeVisible();
});

test('in development mode the start URL and its command are shown, by keyboard alone, on a phone', async ({
  page,
}) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(page, service.url);
  await page.goto(`${service.url}/store?q=lamps`);
  await page.getByRole('button', { name: 'Install another copy of Lamps' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Lamps' });
  await dialog.getByRole('switch', { name: /Development mode/ }).focus();
  await page.keyboard.press('Space');
  await dialog.getByRole('button', { name: 'Install' }).focus();
  await page.keyboard.press('Enter');
  const own = page.getByRole('dialog', { name: 'Run Lamps 2 yourself' });
  await expect(
    own.getByText(/^npx polyrelay-worker 'http:\/\/localhost:\d+\/api\/sys\/nsgetioturl/),
  ).toBeVisible();
  // The catalogue is ahead of its repository: said, and installed all the same.
  await expect(page.getByText(/catalogue says “1.2.0”, its server.json says “1.0.0”/)).toBeVisible();
  await own.getByRole('link', { name: 'Go to the node server' }).click();
  await expect(page.getByRole('heading', { name: 'Lamps 2', level: 1 })).toBeVisible();
});

test('a mismatch and a missing catalogue say what is wrong', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(`${service.url}/store?entry=pool`);
  const dialog = page.getByRole('dialog', { name: 'Pool' });
  await dialog.getByRole('button', { name: 'Install' }).click();
  await expect(dialog.getByRole('alert')).toContainText(
    'the catalogue says “Pool”, its server.json says “Lamps”',
  );
  await page.keyboard.press('Escape');
  await writeFile(join(git.base, 'catalogue.json'), 'gone');
  await page.getByRole('button', { name: 'Refresh', exact: true }).click();
  await expect(page.getByText(/it is not JSON/)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Pool' })).toBeVisible();
  await expectAccessible(page);
  await writeCatalogue('1.0.0');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText(/it is not JSON/)).toHaveCount(0);
});
