import { randomBytes } from 'node:crypto';
import type { NodeServer, WorkerStart } from '@polyrelay/contract';
import { fetchWorkerStart } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { lastingPlace, startService, type TestService } from '../../testing/service.js';
import { untilGone } from '../../testing/waiting.js';

const CLIENT_SECRET = 'canary-client-secret';
const TOKEN = 'canary-token-of-the-provider';
const OAUTH = {
  url: 'https://provider.example.org/auth?client_id=c&state=',
  clientId: 'c',
  clientSecret: CLIENT_SECRET,
};

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const passwordOf = (pgUrl: string): string => paramsOf(pgUrl).password ?? '';
const paramsOf = (pgUrl: string): Record<string, string> =>
  JSON.parse(Buffer.from(new URL(pgUrl).searchParams.get('params') ?? '', 'base64url').toString()) as Record<
    string,
    string
  >;
const withParams = (change: Record<string, unknown>, pgUrl: string): string =>
  `/api/sys/nsgetioturl?params=${Buffer.from(JSON.stringify({ ...paramsOf(pgUrl), ...change })).toString('base64url')}`;

describe('the PGURL', () => {
  test('gives a worker all it needs to connect, without a sign-in', async () => {
    const nodeServer = await registerLocal(service, { oauth: OAUTH });
    const start = await fetchWorkerStart(nodeServer.pgUrl);
    expect(start).toMatchObject({ iotHost: 'localhost', stage: 'prod', caCert: service.app.authority.caPem });
    expect(start.nodeServer).toMatchObject({
      worker: nodeServer.worker,
      oauth: OAUTH,
      firstRun: true,
      nodes: {},
      pgUrl: nodeServer.pgUrl,
    });
    const worker = await connectWorker(service, nodeServer, { pgUrl: nodeServer.pgUrl });
    expect((await worker.config()).worker).toBe(nodeServer.worker);
    await worker.stop();
    // The same one works for every run.
    expect((await fetchWorkerStart(nodeServer.pgUrl)).iotPrivateKey).toBe(start.iotPrivateKey);
  });

  test.each([
    ['another password', { password: 'x'.repeat(43) }],
    ['another slot', { profileNum: '25' }],
    ['another controller', { id: '00:00:00:00:00:01' }],
    ['another user', { userId: '00000000-0000-4000-8000-000000000000' }],
  ])('is refused with %s', async (_what, change) => {
    const { pgUrl } = await registerLocal(service);
    const problem = await service.call('GET', withParams(change, pgUrl), { anonymous: true, status: 403 });
    expect(problem).toMatchObject({
      code: 'pgUrlRefused',
      detail: expect.stringContaining('Copy its present'),
    });
  });

  test.each([
    ['nothing', '/api/sys/nsgetioturl'],
    ['no base64', '/api/sys/nsgetioturl?params=%00%01'],
    ['half of it', `/api/sys/nsgetioturl?params=${Buffer.from('{"userId":"x"').toString('base64url')}`],
  ])('with %s says what it must be', async (_what, path) => {
    const problem = await service.call('GET', path, { anonymous: true, status: 400 });
    expect(problem).toMatchObject({ code: 'badPgUrl', detail: expect.stringContaining('Copy it whole') });
  });

  test('takes the slot as a number too', async () => {
    const { pgUrl, slot } = await registerLocal(service);
    await service.call('GET', withParams({ profileNum: slot }, pgUrl), { anonymous: true });
  });

  test('of a deleted node server is refused, also when it was added again', async () => {
    const old = await registerLocal(service, { slot: 24 });
    await service.call('DELETE', `/api/node-servers/${old.id}`, { status: 202 });
    await untilGone(service, old.id);
    const refused = { anonymous: true, status: 403 };
    await service.call('GET', withParams({}, old.pgUrl), refused);
    const again = await registerLocal(service, { slot: 24 });
    expect(again.worker).not.toBe(old.worker);
    await service.call('GET', withParams({}, old.pgUrl), refused);
    await service.call('GET', withParams({}, again.pgUrl), { anonymous: true });
  });

  test('the certificate of a deleted node server is worth nothing', async () => {
    const nodeServer = await registerLocal(service);
    const start = await fetchWorkerStart(nodeServer.pgUrl);
    await service.call('DELETE', `/api/node-servers/${nodeServer.id}`, { status: 202 });
    await untilGone(service, nodeServer.id);
    await expect(connectWorker(service, nodeServer, { start })).rejects.toThrow();
  });
});

test('secrets are encrypted in the database, and in no answer of the API', async () => {
  const nodeServer = await registerLocal(service, { oauth: OAUTH });
  const start = await fetchWorkerStart(nodeServer.pgUrl);
  const worker = await connectWorker(service, nodeServer, { start });
  await worker.customData({ token: TOKEN });
  expect((await worker.config()).customData).toEqual({ token: TOKEN });

  const keyText = start.iotPrivateKey.split('\n')[1] ?? '';
  const password = passwordOf(nodeServer.pgUrl);
  const canaries = [CLIENT_SECRET, TOKEN, keyText, password];
  for (const canary of canaries) expect(canary.length).toBeGreaterThan(10);

  const { pool } = service.app.database;
  const tables = await pool.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  for (const { name } of tables.rows) {
    const { rows } = await pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    const dump = rows.map(({ row }) => row).join('\n');
    for (const canary of canaries) {
      expect(dump.includes(canary), `${canary} in ${name}`).toBe(false);
      expect(dump.includes(Buffer.from(canary).toString('hex')), `${canary} in ${name} as bytes`).toBe(false);
    }
  }

  const path = `/api/node-servers/${nodeServer.id}`;
  const answers = await Promise.all([
    service.call('GET', path),
    service.call('GET', '/api/node-servers'),
    service.call('PATCH', path, { body: { oauth: { ...OAUTH, clientSecret: '' } } }),
    service.call('GET', `${path}/notices`),
    service.call('GET', `${path}/nodes`),
    service.call('GET', `${path}/log`),
    service.call('GET', '/api/events?limit=1000'),
  ]);
  const text = JSON.stringify(answers);
  for (const canary of [CLIENT_SECRET, TOKEN, keyText]) expect(text).not.toContain(canary);
  // The PGURL is there to be copied, and its password inside; nowhere else.
  expect(text.replaceAll(nodeServer.pgUrl, '')).not.toContain(password);
  // An empty secret kept the stored one.
  const shown = await service.call<NodeServer>('GET', path);
  expect(shown.oauth).toEqual({ url: OAUTH.url, clientId: 'c', hasClientSecret: true });
  expect((await fetchWorkerStart(shown.pgUrl)).nodeServer.oauth).toMatchObject(OAUTH);
  await worker.stop();
});

test('after a rotation the new key alone opens everything', async () => {
  const [oldKey, newKey] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));
  const place = await lastingPlace();
  const started = (keys: string) => startService({ ...place.env, POLYRELAY_KEY: keys });
  const first = await started(oldKey ?? '');
  const { pgUrl } = await registerLocal(first, { oauth: OAUTH });
  await first.close();
  const rotating = await started(`${newKey},${oldKey}`);
  await rotating.close();
  const rotated = await started(newKey ?? '');
  const start = await rotated.call<WorkerStart>('GET', `/api/sys/nsgetioturl${new URL(pgUrl).search}`);
  expect(start.nodeServer.oauth.clientSecret).toBe(CLIENT_SECRET);
  await rotated.close();
  await place.remove();
});
