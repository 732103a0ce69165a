import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type GitServer, hasGitServer, startGitServer } from '../apps/server/src/testing/git-server.js';
import { programFolder, removePrograms, TINY_WORKER } from '../apps/server/src/testing/programs.js';
import { zip } from '../apps/server/src/testing/zip.js';
import { setUp, signIn } from './lib/flow.js';
import { lookBothWays } from './lib/look.js';
import { type Service, startService } from './lib/service.js';

test.describe.configure({ mode: 'serial' });

let service: Service;
let git: GitServer | undefined;
let folder: string;
let lamps: string;

test.beforeAll(async () => {
  git = hasGitServer ? await startGitServer() : undefined;
  const env =
    git === undefined ? {} : { ALLOW_PRIVATE_URLS: 'true', GIT_SSL_CAINFO: join(git.base, 'ca.pem') };
  service = await startService({ env });
  folder = await programFolder({ 'main.mjs': TINY_WORKER, 'server.json': serverJson('1.0') });
});
test.afterAll(async () => {
  await service?.stop();
  await git?.close();
  await removePrograms();
});

const serverJson = (version: string, extra: object = {}): string =>
  JSON.stringify({
    name: 'Lamps',
    type: 'node',
    executable: 'main.mjs',
    credits: [{ title: 'Lamps', version }],
    ...extra,
  });

/** Registers a program by the API, and opens its page. */
async function open(page: Page, files: Record<string, string>, extra: object = {}): Promise<void> {
  await signIn(page, service.url);
  const response = await page.request.post(`${service.url}/api/node-servers`, {
    data: {
      serverJson: JSON.parse(files['server.json'] ?? serverJson('1.0')),
      source: { folder: await programFolder(files) },
      ...extra,
    },
  });
  expect(response.status()).toBe(201);
  const { id } = (await response.json()) as { id: string };
  await page.goto(`${service.url}/node-servers/${id}`);
}

const program = (page: Page) => page.getByRole('region', { name: 'Installed program' });
const update = (page: Page) => program(page).getByRole('button', { name: 'Update', exact: true });
const expectConnected = (page: Page) =>
  expect(page.getByRole('status').getByText('connected', { exact: true })).toBeVisible();

test('a program from a folder is registered for the sandbox, installed step by step, and connects', async ({
  page,
}) => {
  await setUp(page, service.setupLink());
  await page.goto(`${service.url}/node-servers/new`);
  // The install script takes its time, so that there is something to see.
  const slow = serverJson('1.0', { install_cloud: 'install.sh' });
  await writeFile(join(folder, 'server.json'), slow);
  await writeFile(join(folder, 'install.sh'), 'while [ ! -e go ]; do sleep 0.1; done');
  await page.getByLabel('Content of server.json').fill(slow);
  await page.getByRole('radio', { name: /Folder on the server/ }).check();
  await page.getByLabel('Path of the folder').fill(folder);
  await expect(page.getByRole('radio', { name: /Sandbox default/ })).toBeChecked();
  await expect(page.getByRole('radio', { name: /Child process unsafe/ })).toBeEnabled();
  await page.getByText('Limits', { exact: true }).click();
  await page.getByLabel('Memory (MB)').fill('12');
  await page.getByRole('button', { name: 'Add a node server' }).click();
  await expect(page.getByText('At least 64 MB')).toBeVisible();
  await page.getByLabel('Memory (MB)').fill('256');
  await page.getByRole('button', { name: 'Add a node server' }).click();

  const steps = page.getByRole('list', { name: 'Steps of the installation' });
  await expect(steps.getByText(`Copying ${folder}`)).toBeVisible();
  await expect(steps.getByText(/Running install\.sh.*\(under way\)/)).toBeVisible();
  lamps = new URL(page.url()).pathname;
  await lookBothWays(page, 'installing');
  await writeFile(
    join(service.dataDir, 'workers', lamps.split('/').at(-1) ?? '', 'releases/1/nodeserver/go'),
    '',
  );
  await expectConnected(page);
  await expect(program(page)).toContainText('Installed 1.0');
  await expect(steps).toHaveCount(0);
});

test('an update to a new version is seen, and can be taken back', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(service.url + lamps);
  await writeFile(join(folder, 'server.json'), serverJson('2.0'));
  await update(page).click();
  await expect(program(page)).toContainText('Installed 2.0');
  await expectConnected(page);
  await page.getByRole('button', { name: 'Go back to 1.0' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Go back to 1.0' }).click();
  await expect(program(page)).toContainText('Installed 1.0');
  await expect(page.getByRole('button', { name: 'Change to 2.0 again' })).toBeVisible();
  await expectConnected(page);
  await expect(page.getByText('The update was taken back')).toHaveCount(0);
});

test('an update that crashes is taken back with its reason, and the old version runs', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(service.url + lamps);
  await writeFile(join(folder, 'server.json'), serverJson('3.0'));
  await writeFile(join(folder, 'main.mjs'), 'setTimeout(() => process.exit(3), 300);');
  await expect(update(page)).not.toHaveAttribute('aria-disabled', 'true');
  await update(page).click();
  const banner = page.getByRole('region', { name: 'The update was taken back' });
  await expect(banner).toContainText(
    'Version 3.0 was not kept: It ended with code 3. Version 1.0 runs again.',
  );
  await expectConnected(page);
  await expect(program(page)).toContainText('Installed 1.0');
  await lookBothWays(page, 'rolled-back');
  await banner.getByRole('button', { name: 'Dismiss' }).click();
  await page.reload();
  await expect(program(page)).toContainText('Installed 1.0');
  await expect(banner).toHaveCount(0);
});

test('an update that cannot be installed changes nothing, and says why', async ({ page }) => {
  await signIn(page, service.url);
  await page.goto(service.url + lamps);
  await rm(join(folder, 'main.mjs'));
  await update(page).click();
  const banner = page.getByRole('region', { name: 'The update failed' });
  await expect(banner).toContainText('Nothing has changed: 1.0 goes on running');
  await expect(banner).toContainText(
    'The program “main.mjs” (executable in server.json) is not in its source.',
  );
  await expectConnected(page);
});

test('a runtime and limits are changed in Settings, and what that does is said', async ({ page }) => {
  await writeFile(join(folder, 'main.mjs'), TINY_WORKER);
  await writeFile(join(folder, 'install.sh'), 'true');
  await signIn(page, service.url);
  await page.goto(`${service.url}${lamps}?tab=settings`);
  await expect(page.getByLabel('Memory (MB)')).toHaveValue('256');
  await page.getByLabel('Cores').fill('0,5');
  await page.getByRole('radio', { name: /Child process unsafe/ }).check();
  await expect(
    page.getByText('Another runtime installs the program again and restarts it at once.'),
  ).toBeVisible();
  await page.getByRole('button', { name: 'Save runtime' }).click();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await expect(page.getByLabel('Cores')).toHaveValue('0.5');
  await expect(page.getByText(/slot 1 .*Child process/)).toBeVisible();
  await expectConnected(page);
});

test('a program without its executable could not be installed, and says why', async ({ page }) => {
  await open(page, { 'other.mjs': TINY_WORKER });
  const banner = page.getByRole('region', { name: 'It could not be installed' });
  await expect(banner).toContainText(
    'The program “main.mjs” (executable in server.json) is not in its source.',
  );
  await expect(banner.getByRole('button', { name: 'Install again' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'It stopped by itself' })).toHaveCount(0);
  await expect(program(page)).toContainText('Nothing is installed yet');
});

test('an install script that fails is the step that failed', async ({ page }) => {
  const files = {
    'main.mjs': TINY_WORKER,
    'server.json': serverJson('1.0', { install_cloud: 'install.sh' }),
    'install.sh': 'echo no compiler here\nexit 4',
  };
  await open(page, files);
  const banner = page.getByRole('region', { name: 'It could not be installed' });
  await expect(banner.getByText(/Running install\.sh \(failed\)/)).toBeVisible();
  await expect(banner).toContainText('It ended with code 4');
  await lookBothWays(page, 'not-installed');
  await banner.getByRole('link', { name: 'See log' }).click();
  await expect(page.getByText('no compiler here').first()).toBeVisible();
});

test('a program that takes too much memory is ended, and its page says so', async ({ page }) => {
  const eater = 'const all = []; setInterval(() => all.push(Buffer.alloc(8e6, 1)), 10);';
  await open(page, { 'main.mjs': eater }, { limits: { memoryMb: 128 } });
  const banner = page.getByRole('region', { name: 'It stopped by itself' });
  await expect(banner.getByText(/128 MB of memory.*Starting again in/)).toBeVisible({ timeout: 20_000 });
  await expect(banner.getByRole('button', { name: 'Start now' })).toBeVisible();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(banner).toHaveCount(0);
});

test('a zip takes the place of a program', async ({ page }) => {
  const zipOf = (version: string) => ({
    name: 'lamps.zip',
    mimeType: 'application/zip',
    buffer: zip([
      { name: 'main.mjs', content: TINY_WORKER },
      { name: 'server.json', content: serverJson(version) },
    ]),
  });
  await signIn(page, service.url);
  await page.goto(`${service.url}/node-servers/new`);
  await page.getByLabel('Content of server.json').fill(serverJson('1.0'));
  await page.getByRole('radio', { name: /Zip file/ }).check();
  await page.getByTestId('archive-file').setInputFiles(zipOf('1.0'));
  await page.getByRole('button', { name: 'Add a node server' }).click();
  await expectConnected(page);
  await update(page).click();
  const dialog = page.getByRole('dialog', { name: 'Update from a zip file' });
  await dialog.getByRole('button', { name: 'Update' }).click();
  await expect(dialog.getByText('Choose a zip file', { exact: true }).last()).toBeVisible();
  await dialog.getByTestId('archive-file').setInputFiles(zipOf('2.0'));
  await lookBothWays(page, 'update-zip');
  await dialog.getByRole('button', { name: 'Update' }).click();
  await expect(program(page)).toContainText('Installed 2.0');
  await expectConnected(page);
});

test('a repository is pinned to its commit, and updated to a tag', async ({ page }) => {
  test.skip(git === undefined, 'needs git-http-backend');
  if (git === undefined) return;
  await git.commit('lamps', { 'server.json': serverJson('1.0'), 'main.mjs': TINY_WORKER });
  await signIn(page, service.url);
  const response = await page.request.post(`${service.url}/api/node-servers`, {
    data: { serverJson: JSON.parse(serverJson('1.0')), source: { git: git.url('lamps'), ref: 'main' } },
  });
  const { id } = (await response.json()) as { id: string };
  await page.goto(`${service.url}/node-servers/${id}`);
  await expectConnected(page);
  await expect(program(page)).toContainText(/Installed 1\.0 · main · commit [0-9a-f]{7}/);
  await git.commit('lamps', { 'server.json': serverJson('1.1'), 'main.mjs': TINY_WORKER });
  await page.getByRole('button', { name: 'Update to another version…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Update to another version' });
  await dialog.getByLabel('Branch, tag or commit').fill('--no');
  await dialog.getByRole('button', { name: 'Update' }).click();
  await expect(dialog.getByText('Write a branch, tag or commit')).toBeVisible();
  await dialog.getByLabel('Branch, tag or commit').fill('no-such-tag');
  await lookBothWays(page, 'update-ref');
  await dialog.getByRole('button', { name: 'Update' }).click();
  await expect(page.getByRole('region', { name: 'The update failed' })).toContainText('no-such-tag');
  await update(page).click();
  await expect(program(page)).toContainText(/Installed 1\.1 · main/);
  await expectConnected(page);
});
