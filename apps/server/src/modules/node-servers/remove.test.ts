import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeServer, Problem } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { lastingPlace, startService, type TestService } from '../../testing/service.js';
import { untilGone } from '../../testing/waiting.js';
import { zip } from '../../testing/zip.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const remove = (from: TestService, id: string) =>
  from.call('DELETE', `/api/node-servers/${id}`, { status: 202 });

const filesOf = async (from: TestService): Promise<string[]> =>
  (
    await Promise.all(
      ['workers', 'uploads'].map((folder) => readdir(join(from.dataDir, folder)).catch(() => [])),
    )
  ).flat();

/** Rows that tell of a node server, in any table but the logs of what happened. */
async function rowsAbout(from: TestService, id: string): Promise<string[]> {
  const { pool } = from.app.database;
  const tables = await pool.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('events', 'audit_entries')",
  );
  const found: string[] = [];
  for (const { name } of tables.rows) {
    const { rowCount } = await pool.query(`SELECT 1 FROM ${name} t WHERE t::text LIKE '%' || $1 || '%'`, [
      id,
    ]);
    if (rowCount !== 0) found.push(name);
  }
  return found;
}

describe('deleting a node server', () => {
  test('tells the worker, which says good-bye; then nothing of it is left', async () => {
    const nodeServer = await registerLocal(service);
    const worker = await connectWorker(service, nodeServer);
    await worker.addController();
    await worker.status('controller', 'GV1', 1, 56);
    await worker.notices({ n: 'x' });
    await worker.uploadProfile('nls', 'en_us.txt', 'A = B');
    const { pool } = service.app.database;
    const drivers = await pool.query<{ driver_id: string }>(
      'SELECT s.driver_id FROM driver_samples s JOIN drivers d ON d.id = s.driver_id WHERE d.node_server_id = $1',
      [nodeServer.id],
    );
    expect(drivers.rowCount).toBeGreaterThan(0);
    await remove(service, nodeServer.id);
    const { message } = await worker.waitFor((received) => received.delete !== undefined);
    expect(message).toEqual({ delete: {} });
    const shown = await service.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`);
    expect(shown.state).toBe('deleting');
    const again = await service.call<Problem>('POST', `/api/node-servers/${nodeServer.id}/start`, {
      status: 409,
    });
    expect(again.code).toBe('beingDeleted');
    // Asked once more it is told once all the same.
    await remove(service, nodeServer.id);
    await worker.stop();
    await untilGone(service, nodeServer.id);
    expect(worker.messages.filter((received) => received.message.delete !== undefined)).toHaveLength(1);
    expect(await rowsAbout(service, nodeServer.id)).toEqual([]);
    const left = await pool.query('SELECT FROM driver_samples WHERE driver_id = ANY($1)', [
      drivers.rows.map((row) => row.driver_id),
    ]);
    expect(left.rowCount).toBe(0);
    expect(await filesOf(service)).not.toContain(nodeServer.id);
    await service.call('DELETE', `/api/node-servers/${nodeServer.id}`, { status: 404 });
  });

  test('a worker that does not go has five seconds, then its connection is ended', async () => {
    const nodeServer = await registerLocal(service);
    const worker = await connectWorker(service, nodeServer);
    await remove(service, nodeServer.id);
    // It may clean up meanwhile.
    await worker.customParams({ cleaning: 'up' });
    await worker.closed;
    await untilGone(service, nodeServer.id);
    expect(await rowsAbout(service, nodeServer.id)).toEqual([]);
    await worker.client.endAsync(true);
  });

  test('its program and the zip it came in go too', async () => {
    const form = new FormData();
    form.set(
      'request',
      JSON.stringify({ serverJson: { name: 'Zip', type: 'node', executable: 'a.js' }, start: false }),
    );
    form.set('archive', new Blob([new Uint8Array(zip([{ name: 'a.js' }]))]), 'a.zip');
    const response = await service.fetch('/api/node-servers', { method: 'POST', body: form });
    expect(response.status).toBe(201);
    const { id, source } = (await response.json()) as NodeServer;
    const archive = source !== null && 'archive' in source ? source.archive : '';
    expect(await filesOf(service)).toContain(archive);
    await remove(service, id);
    await untilGone(service, id);
    const left = await filesOf(service);
    for (const name of [archive, id]) expect(left).not.toContain(name);
  });

  test('one that was interrupted is finished by the next start', async () => {
    const place = await lastingPlace();
    const first = await startService(place.env);
    const nodeServer = await registerLocal(first);
    const worker = await connectWorker(first, nodeServer);
    await remove(first, nodeServer.id);
    await worker.waitFor((received) => received.delete !== undefined);
    // The service ends while the worker still has time.
    await first.close();
    await worker.closed;
    const second = await startService(place.env);
    await untilGone(second, nodeServer.id);
    expect(await rowsAbout(second, nodeServer.id)).toEqual([]);
    await second.close();
    await place.remove();
  });
});

test('commands and queries say whether a worker was there to take them', async () => {
  const nodeServer = await registerLocal(service);
  const worker = await connectWorker(service, nodeServer);
  await worker.addController();
  const path = `/api/node-servers/${nodeServer.id}/nodes`;
  const ask = (what: string, body?: object, status = 202) =>
    service.call<{ delivered: boolean }>('POST', `${path}/${what}`, { body, status });
  expect(await ask('controller/commands', { cmd: 'DON' })).toMatchObject({ delivered: true });
  expect(await ask('controller/query')).toMatchObject({ delivered: true });
  await worker.waitFor(({ query }) => query?.address === 'controller');
  await ask('nobody/commands', { cmd: 'DON' }, 404);
  await ask('nobody/query', undefined, 404);
  await ask('controller/commands', { cmd: 'rm -rf' }, 400);
  const gone = new Promise<void>((resolve) => {
    const end = service.app.events.on(`nodeServers/${nodeServer.id}`, ({ payload }) => {
      if (payload.connected !== false) return;
      end();
      resolve();
    });
  });
  await worker.stop();
  await gone;
  expect(await ask('controller/commands', { cmd: 'DON' })).toMatchObject({ delivered: false });
  expect(await ask('all/query')).toMatchObject({ delivered: false });
  await service.call('DELETE', `${path}/controller`, { status: 204 });
  await service.call('DELETE', `${path}/controller`, { status: 404 });
});
