import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from './core/processes.js';
import { makeBackup } from './testing/backups.js';
import { ADMIN, lastingPlace, newDatabase, signIn, startService } from './testing/service.js';
import { type SourceProcess, startSource } from './testing/source-process.js';

/** Three whole processes one after the other, each loaded from source: long on a busy machine. */
const PATIENCE_MS = 120_000;

const MAIN = new URL('main.ts', import.meta.url);
const USER = { email: 'first@example.org', password: 'correct horse battery' };

let dataDir: string;
const running = new Set<SourceProcess>();

function start(env: Record<string, string>, args: string[] = []): SourceProcess {
  const settings = {
    PORT: '0',
    HOST: '127.0.0.1',
    MQTT_PORT: '0',
    PUSH_PORT: '0',
    PUSH_TLS_PORT: '0',
    DATA_DIR: dataDir,
    ...env,
  };
  const started = startSource(MAIN, settings, args);
  running.add(started);
  void started.ended.then(() => running.delete(started));
  return started;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pr-main-'));
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all([...running].map(({ ended }) => ended));
  await rm(dataDir, { recursive: true, force: true });
});

const ready = async (service: SourceProcess): Promise<string> =>
  (await service.printed(/ready at (http:\/\/[^\s"]+)/))[1] ?? '';

/** The process of the embedded database. */
const postgresPid = async (): Promise<number> =>
  Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

test(
  'what was acknowledged survives kill -9; the next start ends what was left running',
  async () => {
    const first = start({});
    const url = await ready(first);
    const [, token] = await first.printed(/\/setup\?token=(\S+)/);
    const made = await fetch(`${url}/api/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, ...USER }),
    });
    expect(made.status).toBe(201);
    const left = await postgresPid();
    first.child.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(isAlive(left)).toBe(true);

    const second = start({});
    const again = await ready(second);
    expect(isAlive(left)).toBe(false);
    expect(await signIn(again, USER)).toContain('polyrelay_session=');
    expect(await (await fetch(`${again}/api/setup`)).json()).toEqual({ needed: false });

    // By mistake a third one on the same folder: it is told so, and the second one does not lose its database.
    const third = await start({}).ended;
    expect(third.code).toBe(1);
    expect(third.output).toContain(
      `is in use by another Polyrelay (process ${second.child.pid}). End it, or set DATA_DIR`,
    );
    expect((await fetch(`${again}/api/health`)).status).toBe(200);

    const database = await postgresPid();
    second.child.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });
    expect(isAlive(database)).toBe(false);
  },
  PATIENCE_MS,
);

test(
  'a backup is restored from the command line, and the service starts with what was in it',
  async () => {
    const place = await lastingPlace();
    const source = await startService({ ...place.env, BACKUP_EVERY_HOURS: '0' });
    const { name } = await makeBackup(source);
    await source.close();
    const file = join(place.env.DATA_DIR ?? '', 'backups', name);
    const restored = join(dataDir, 'restored');
    const service = start({ DATA_DIR: restored }, ['--restore', file]);
    await service.printed(/^Restored: \d+ rows$/m);
    const url = await ready(service);
    expect(await signIn(url, ADMIN)).toContain('polyrelay_session=');
    service.child.kill('SIGTERM');
    await service.ended;

    const again = await start({ DATA_DIR: restored }, ['--restore', file]).ended;
    expect(again.code).toBe(1);
    expect(again.output).toMatch(/Nothing was restored: there is something already .* add --replace/);
    expect(again.output).not.toContain('    at ');
    const wrong = await start({}, ['--restor', file]).ended;
    expect([wrong.code, wrong.output]).toEqual([1, expect.stringContaining("Unknown option '--restor'")]);
    await place.remove();
  },
  PATIENCE_MS,
);

describe('what hinders the start is said in a sentence', { timeout: PATIENCE_MS }, () => {
  test('a port that is taken', async () => {
    const { url, drop } = await newDatabase();
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, output } = await start({ PORT: String(port), DATABASE_URL: url }).ended;
    expect(code).toBe(1);
    expect(output).toMatch(
      new RegExp(
        `^Port ${port} \\(dashboard and API\\) is taken by another program.* set PORT to a free port`,
        'm',
      ),
    );
    expect(output).not.toContain('    at ');
    other.close();
    await drop();
  });

  test('a setting that cannot be used', async () => {
    const { code, output } = await start({ PORT: 'eighty' }).ended;
    expect([code, output.trim()]).toEqual([
      1,
      'The environment has settings that cannot be used:\n  PORT: Write a port from 0 to 65535',
    ]);
  });
});
