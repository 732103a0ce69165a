import { randomBytes } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeServer } from '@polyrelay/contract';
import { fetchWorkerStart } from '@polyrelay/testkit';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../../config.js';
import { Database } from '../../../core/database/database.js';
import { migrate, readMigrations } from '../../../core/database/migrate.js';
import { exists } from '../../../core/files.js';
import { MIGRATIONS_FOLDER } from '../../../core/paths.js';
import { download, makeBackup } from '../../../testing/backups.js';
import { connectWorker, registerLocal } from '../../../testing/node-servers.js';
import { registerProgram, removePrograms, TINY_WORKER } from '../../../testing/programs.js';
import {
  lastingPlace,
  newDatabase,
  signIn,
  startService,
  type TestService,
} from '../../../testing/service.js';
import { untilNodeServer } from '../../../testing/waiting.js';
import { zip } from '../../../testing/zip.js';
import { BackupFile } from '../archive/read.js';
import { restore } from './restore.js';

const PATIENCE_MS = 90_000;
const log = pino({ level: 'silent' });

const MEMBER = { email: 'member@example.org', password: 'member member', role: 'member' };
const PASSPHRASE = 'a passphrase of some length';
const TOKEN = 'canary-token-of-the-provider';
const OAUTH = {
  url: 'https://provider.example.org/auth?client_id=c&state=',
  clientId: 'c',
  clientSecret: 'canary-client-secret',
};

let scratch: string;
let service: TestService;
/** Played by the test. */
let local: NodeServer;
/** Run by the service: from a zip, and updated from another one; and from a folder. */
let program: NodeServer;
let copied: NodeServer;
/** Made while values are written, and without rest. */
let file: string;
/** What was acknowledged before it was begun. */
let acknowledged: number;

const place = (name: string): string => join(scratch, name);
const settings = (env: Record<string, string>) =>
  readConfig({ PORT: '0', MQTT_PORT: '0', PUSH_PORT: '0', PUSH_TLS_PORT: '0', HOST: '127.0.0.1', ...env });

/** Restores as the command line does. @returns what it said */
async function restoreTo(
  env: Record<string, string>,
  options: { from?: string; replace?: boolean; migrations?: string } = {},
): Promise<string> {
  const { from = file, replace = false, ...more } = options;
  const said: string[] = [];
  await restore({ config: settings(env), log, file: from, replace, say: (line) => said.push(line), ...more });
  return said.join('\n');
}

/** Everything below a folder, with its content. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  if (!(await exists(folder))) return {};
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [path, (await readFile(path)).toString('base64')] as const)),
  );
}

async function query<R extends object>(url: string, sql: string): Promise<R[]> {
  const database = new Database({ url, log, connections: 1 });
  try {
    return (await database.pool.query<R>(sql)).rows;
  } finally {
    await database.close();
  }
}

const serverJson = (version: string) => ({
  name: 'Zip',
  type: 'node',
  executable: 'main.mjs',
  credits: [{ version }],
});

/** Sends a program as a zip. */
async function send(path: string, version: string, fields: Record<string, object> = {}): Promise<Response> {
  const form = new FormData();
  const content = JSON.stringify(serverJson(version));
  const archive = zip([
    { name: 'server.json', content },
    { name: 'main.mjs', content: TINY_WORKER },
  ]);
  form.set('archive', new Blob([new Uint8Array(archive)]), 'program.zip');
  for (const [name, value] of Object.entries(fields)) form.set(name, JSON.stringify(value));
  return service.fetch(path, { method: 'POST', body: form });
}

const isConnected =
  (wanted: string) =>
  ({ state, version }: NodeServer): boolean =>
    state === 'connected' && version === wanted;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pr-restore-'));
  service = await startService({ BACKUP_EVERY_HOURS: '0' });
  await service.call('POST', '/api/users', { body: MEMBER, status: 201 });
  local = await registerLocal(service, { oauth: OAUTH });
  const worker = await connectWorker(service, local);
  await worker.addController();
  await worker.addNode({ address: 'n', nodedefid: 'n', drivers: { ST: { value: 0, uom: 56 } } });
  await worker.customData({ token: TOKEN, text: 'tab\there, line\nthere, \\N and “ä” 👍' });
  copied = await registerProgram(service, { 'main.mjs': TINY_WORKER });
  const response = await send('/api/node-servers', '1.0', { request: { serverJson: serverJson('1.0') } });
  program = (await response.json()) as NodeServer;
  for (const { id } of [copied, program])
    await untilNodeServer(service, id, ({ state }) => state === 'connected');
  await send(`/api/node-servers/${program.id}/update`, '2.0');
  // Until its trial is over: what is on trial is taken back when it ends before it connects.
  await untilNodeServer(
    service,
    program.id,
    (now) =>
      isConnected('2.0')(now) && now.installation?.kind === 'update' && now.installation.state === 'done',
  );

  // Written on while the backup is made.
  let value = 0;
  let isWriting = true;
  const writing = (async () => {
    while (isWriting) {
      await worker.status('n', 'ST', value + 1, 56);
      value += 1;
    }
  })();
  while (value < 50) await new Promise(setImmediate);
  acknowledged = value;
  const { name } = await makeBackup(service);
  isWriting = false;
  await writing;
  expect(value).toBeGreaterThan(acknowledged);
  file = place('made.zip');
  await download(service, name, file);
}, PATIENCE_MS);

afterAll(async () => {
  await service.close();
  await removePrograms();
  await rm(scratch, { recursive: true, force: true });
});

describe('on a new machine', () => {
  test(
    'with its own database, everything is there, and the workers come back',
    async () => {
      const DATA_DIR = place('new-machine');
      expect(await restoreTo({ DATA_DIR })).toMatch(
        /Restoring made\.zip[\s\S]*The file is whole[\s\S]*Restored: \d+ rows/,
      );
      // Nothing that was only needed on the way.
      expect((await readdir(DATA_DIR)).sort()).toEqual(
        ['instance-id', 'pki', 'postgres', 'secret.key', 'uploads', 'workers'].sort(),
      );
      const env = { DATA_DIR, DATABASE_URL: '', BACKUP_EVERY_HOURS: '0', SPARE_WORKERS: '1' };
      const restored = await startService(env);
      try {
        expect(await signIn(restored.url, MEMBER)).toContain('polyrelay_session=');
        expect(restored.app.authority.caPem).toBe(service.app.authority.caPem);

        // One moment: the last value, its event and its sample are the same, and nothing acknowledged is missing.
        const { rows } = await restored.app.database.pool.query<{
          value: number;
          event: number;
          sample: number;
        }>(
          `SELECT (d.value #>> '{}')::int AS value,
             (SELECT (payload ->> 'value')::int FROM events
              WHERE topic = 'nodeServers/${local.id}/nodes/n/drivers/ST' ORDER BY id DESC LIMIT 1) AS event,
             (SELECT max(value)::int FROM driver_samples s WHERE s.driver_id = d.id) AS sample
           FROM drivers d WHERE node_server_id = '${local.id}' AND address = 'n' AND driver = 'ST'`,
        );
        const [now] = rows;
        expect(now?.value).toBeGreaterThanOrEqual(acknowledged);
        expect(now).toEqual({ value: now?.value, event: now?.value, sample: now?.value });

        // The programs are installed and started anew, and show the certificates they always had.
        await untilNodeServer(restored, copied.id, ({ state }) => state === 'connected');
        const back = await untilNodeServer(restored, program.id, isConnected('2.0'));
        expect(back).toMatchObject({ installed: { number: 2 }, previous: { version: '1.0' } });
        // The zip of the release before is there as well.
        await restored.call('POST', `/api/node-servers/${program.id}/rollback`, { status: 202 });
        await untilNodeServer(
          restored,
          program.id,
          (now) => isConnected('1.0')(now) && now.timeStarted !== back.timeStarted,
        );

        // The identity of the other one is the same, and is taken as it is; its secrets are readable.
        const before = await fetchWorkerStart(local.pgUrl);
        const { pgUrl } = await restored.call<NodeServer>('GET', `/api/node-servers/${local.id}`);
        const after = await fetchWorkerStart(pgUrl);
        expect(after).toMatchObject({
          iotCert: before.iotCert,
          iotPrivateKey: before.iotPrivateKey,
          caCert: before.caCert,
        });
        const worker = await connectWorker(restored, local, { start: before });
        const record = await worker.config();
        expect(record).toMatchObject({
          worker: local.worker,
          oauth: OAUTH,
          customData: { token: TOKEN, text: 'tab\there, line\nthere, \\N and “ä” 👍' },
        });
        // Numbers go on where they were: a new event is not taken for an old one.
        await worker.status('n', 'ST', -1, 56);
        await worker.stop();
        const audit = await restored.call<{ items: { action: string }[] }>('GET', '/api/audit');
        expect(audit.items.map(({ action }) => action)).toContain('backup.restore');
      } finally {
        await restored.close();
      }
    },
    PATIENCE_MS,
  );

  test('with an outside database, every row of a quiet service is the same', async () => {
    const source = await lastingPlace();
    const quiet = await startService({
      ...source.env,
      BACKUP_EVERY_HOURS: '0',
      BACKUP_PASSPHRASE: PASSPHRASE,
    });
    await registerLocal(quiet, { oauth: OAUTH });
    const monitor = { topic: 'DeviceCore/kept', ackOption: 'explicit' };
    await quiet.call('POST', '/api/monitors', { body: monitor, status: 201 });
    await quiet.app.database.pool.query(
      'INSERT INTO monitor_sessions (monitor_id, id) SELECT id, gen_random_uuid() FROM monitors',
    );
    const { name, encrypted } = await makeBackup(quiet);
    expect(encrypted).toBe(true);
    const from = place(name);
    const content = await download(quiet, name, from);
    expect(content.includes('secret.key')).toBe(false);
    await quiet.close();

    const target = await lastingPlace();
    // As after a first start without a user; and another program has a table there.
    await query(target.env.DATABASE_URL ?? '', 'CREATE TABLE others (a int); INSERT INTO others VALUES (7)');
    await expect(restoreTo(target.env, { from })).rejects.toMatchObject({ code: 'passphraseNeeded' });
    await expect(
      restoreTo({ ...target.env, BACKUP_PASSPHRASE: 'another passphrase' }, { from }),
    ).rejects.toMatchObject({ code: 'wrongPassphrase' });
    await restoreTo({ ...target.env, BACKUP_PASSPHRASE: PASSPHRASE }, { from });

    const rows = async (url: string | undefined): Promise<Record<string, string>> => {
      const tables = await query<{ name: string }>(
        url ?? '',
        `SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
      );
      const all: Record<string, string> = {};
      for (const { name: table } of tables) {
        // What the making and the restoring themselves wrote.
        const own = { audit_entries: `action !~ '^backup'`, events: `topic !~ '^backups'` }[table] ?? 'true';
        const [row] = await query<{ text: string }>(
          url ?? '',
          `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS text FROM "${table}" t WHERE ${own}`,
        );
        if (table !== '_prisma_migrations') all[table] = row?.text ?? '';
      }
      return all;
    };
    const [before, after] = [await rows(source.env.DATABASE_URL), await rows(target.env.DATABASE_URL)];
    expect(before.users).toContain('admin@example.org');
    expect(before.node_servers).toContain(OAUTH.clientId);
    expect(before.monitors).toContain(monitor.topic);
    expect(before.monitor_sessions).not.toBe('');
    // Nobody is connected to what was restored.
    expect(after).toEqual({ ...before, monitor_sessions: '', others: '(7)' });
    expect(await readFile(join(target.env.DATA_DIR ?? '', 'secret.key'), 'utf8')).toBe(
      await readFile(join(source.env.DATA_DIR ?? '', 'secret.key'), 'utf8'),
    );
    // The next number of each sequence is a new one.
    const again = await startService({ ...target.env, BACKUP_EVERY_HOURS: '0' });
    await registerLocal(again);
    await again.close();
    await source.remove();
    await target.remove();
  });

  test('a key of the environment is not in the file, and is asked for', async () => {
    const POLYRELAY_KEY = randomBytes(32).toString('base64');
    const source = await startService({ POLYRELAY_KEY, BACKUP_EVERY_HOURS: '0' });
    const { name } = await makeBackup(source);
    const from = place(name);
    await download(source, name, from);
    await source.close();
    const backup = await BackupFile.open(from, undefined);
    expect(backup.manifest.key.from).toBe('environment');
    expect(backup.manifest.files.map(({ path }) => path)).not.toContain('secret.key');
    await backup.close();

    const DATA_DIR = place('with-key');
    await expect(restoreTo({ DATA_DIR }, { from })).rejects.toMatchObject({ code: 'keyNeeded' });
    const other = randomBytes(32).toString('base64');
    await expect(restoreTo({ DATA_DIR, POLYRELAY_KEY: other }, { from })).rejects.toMatchObject({
      code: 'wrongKey',
    });
    // The other way round: a key is set that this backup does not have.
    await expect(restoreTo({ DATA_DIR, POLYRELAY_KEY: other })).rejects.toMatchObject({ code: 'wrongKey' });
    expect(await exists(DATA_DIR)).toBe(false);
    await restoreTo({ DATA_DIR, POLYRELAY_KEY: `${other},${POLYRELAY_KEY}` }, { from });
    expect(await readdir(DATA_DIR)).not.toContain('secret.key');
  });
});

describe('a backup of another version', { timeout: PATIENCE_MS }, () => {
  const later = '29990101000000_later';
  let migrations: string;
  beforeAll(async () => {
    migrations = place('migrations');
    await cp(MIGRATIONS_FOLDER, migrations, { recursive: true });
    await mkdir(join(migrations, later));
    // It changes rows that must be there by then.
    await writeFile(
      join(migrations, later, 'migration.sql'),
      `ALTER TABLE users ADD COLUMN shout TEXT; UPDATE users SET shout = upper(email);
       CREATE TABLE later_ones (id BIGSERIAL PRIMARY KEY, user_id UUID REFERENCES users(id));
       INSERT INTO later_ones (user_id) SELECT id FROM users;`,
    );
  });

  test('that is older is migrated with its rows', async () => {
    // A database as the very first version left it.
    const source = await lastingPlace();
    const url = source.env.DATABASE_URL ?? '';
    const [first] = await readMigrations(MIGRATIONS_FOLDER);
    const old = place('first-migration');
    await cp(join(MIGRATIONS_FOLDER, first?.name ?? ''), join(old, first?.name ?? ''), { recursive: true });
    await query(url, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const database = new Database({ url, log });
    await migrate(database.pool, old);
    await database.pool.query(`INSERT INTO users (email) VALUES ('old@example.org')`);
    await database.close();
    const from = await backupOf(source.env);

    const target = await lastingPlace();
    await restoreTo(target.env, { from, migrations });
    expect(
      await query(
        target.env.DATABASE_URL ?? '',
        'SELECT shout FROM users JOIN later_ones ON user_id = users.id',
      ),
    ).toEqual([{ shout: 'OLD@EXAMPLE.ORG' }]);
    const names = await query<{ name: string }>(
      target.env.DATABASE_URL ?? '',
      'SELECT migration_name AS name FROM _prisma_migrations ORDER BY migration_name',
    );
    expect(names.map(({ name }) => name)).toEqual((await readMigrations(migrations)).map(({ name }) => name));

    // And one of that later version is too new for this one.
    const newer = await backupOf(target.env);
    const DATA_DIR = place('too-old');
    await expect(restoreTo({ DATA_DIR }, { from: newer })).rejects.toMatchObject({
      code: 'backupNewer',
      message: expect.stringMatching(/29990101000000_later, which is newer .* Install that version/),
    });
    expect(await exists(DATA_DIR)).toBe(false);
    await source.remove();
    await target.remove();
  });

  test('that another build made is refused', async () => {
    const other = place('other-build');
    await cp(MIGRATIONS_FOLDER, other, { recursive: true });
    const [first] = await readMigrations(other);
    await appendFile(join(other, first?.name ?? '', 'migration.sql'), '-- changed');
    await expect(restoreTo({ DATA_DIR: place('foreign') }, { migrations: other })).rejects.toMatchObject({
      code: 'backupForeign',
    });
  });

  test('whose migration fails here changes nothing', async () => {
    const broken = place('broken');
    await cp(migrations, broken, { recursive: true });
    await writeFile(join(broken, later, 'migration.sql'), 'ALTER TABLE nowhere ADD COLUMN a INT');
    const DATA_DIR = place('fails');
    await expect(restoreTo({ DATA_DIR }, { migrations: broken })).rejects.toMatchObject({
      code: 'migrationFailed',
    });
    expect(await contentOf(DATA_DIR)).toEqual({});

    const { url, drop } = await newDatabase();
    const before = await query(url, 'SELECT count(*) FROM _prisma_migrations');
    await expect(restoreTo({ DATA_DIR, DATABASE_URL: url }, { migrations: broken })).rejects.toMatchObject({
      code: 'migrationFailed',
    });
    expect(await query(url, 'SELECT count(*) FROM _prisma_migrations')).toEqual(before);
    expect(await contentOf(DATA_DIR)).toEqual({});
    await drop();
  });
});

describe('a file that is not right changes nothing:', () => {
  const refused: [string, (all: Buffer) => Buffer, RegExp][] = [
    ['one that was cut off', (all) => all.subarray(0, all.length / 2), /damaged: its end is missing/],
    ['one that lacks its last byte', (all) => all.subarray(0, -1), /damaged/],
    ['an empty one', () => Buffer.alloc(0), /is not a backup of Polyrelay/],
    ['a text', () => Buffer.from('hello, this is a text'), /is not a backup of Polyrelay/],
    ['another zip', () => zip([{ name: 'a.txt', content: 'a' }]), /is not a backup of Polyrelay/],
    ['a manifest that is another', () => manifestOnly({ format: 1 }), /is not a backup of Polyrelay/],
    [
      'one of a later format',
      () => manifestOnly({ format: 2, version: '9.0.0' }),
      /made by version 9\.0\.0, which is newer/,
    ],
    [
      'one that would write elsewhere',
      () => manifestOnly({ ...MANIFEST, files: [ELSEWHERE] }),
      /is not a backup/,
    ],
    ['one without its parts', () => manifestOnly(MANIFEST), /damaged: .*secret\.key is not in it/],
  ];
  test.each(refused)('%s', async (_what, change, message) => {
    const DATA_DIR = place('untouched');
    const from = place('wrong');
    await writeFile(from, change(await readFile(file)));
    await expect(restoreTo({ DATA_DIR }, { from })).rejects.toThrow(message);
    expect(await exists(DATA_DIR)).toBe(false);
  });

  test('a bit changed anywhere in what it holds', async () => {
    const DATA_DIR = place('untouched');
    const whole = await readFile(file);
    const from = place('flipped');
    // Inside the compressed parts: behind each name in the headers.
    for (const part of [
      'files/secret.key',
      'files/pki/ca.pem',
      'tables/users.copy',
      'tables/events.copy',
      'manifest.json',
    ]) {
      const changed = Buffer.from(whole);
      const at = whole.indexOf(part) + part.length + 20;
      changed[at] = (changed[at] ?? 0) ^ 4;
      await writeFile(from, changed);
      await expect(restoreTo({ DATA_DIR }, { from }), part).rejects.toMatchObject({ code: 'backupDamaged' });
    }
    expect(await exists(DATA_DIR)).toBe(false);
  });

  test('one that is not there', async () => {
    await expect(restoreTo({ DATA_DIR: place('untouched') }, { from: '/nowhere.zip' })).rejects.toThrow(
      'The file /nowhere.zip is not there.',
    );
  });
});

describe('where there is something already', { timeout: PATIENCE_MS }, () => {
  test('nothing is restored, unless it may be replaced: then it is saved before', async () => {
    const target = await lastingPlace();
    const old = await startService({
      ...target.env,
      BACKUP_EVERY_HOURS: '0',
      ADMIN_EMAIL: 'old@example.org',
    });
    // While it runs, its database is its own.
    await expect(restoreTo(target.env, { replace: true })).rejects.toMatchObject({ code: 'databaseInUse' });
    const ca = old.app.authority.caPem;
    await old.close();
    const dataDir = target.env.DATA_DIR ?? '';
    const before = await contentOf(dataDir);
    await expect(restoreTo(target.env)).rejects.toThrow(/already \(1 users, 0 node servers\).*--replace/);
    expect(await contentOf(dataDir)).toEqual(before);

    const said = await restoreTo(target.env, { replace: true });
    const saved = /saved in (\S+)/.exec(said)?.[1] ?? '';
    const aside = /in the data folder is in (\S+):/.exec(said)?.[1] ?? '';
    expect(await readFile(join(aside, 'pki', 'ca.pem'), 'utf8')).toBe(ca);
    const emails = (): Promise<{ email: string }[]> =>
      query(target.env.DATABASE_URL ?? '', 'SELECT email FROM users ORDER BY email');
    expect(await emails()).toEqual([{ email: 'admin@example.org' }, { email: MEMBER.email }]);

    // And back again.
    await restoreTo(target.env, { from: saved, replace: true });
    expect(await emails()).toEqual([{ email: 'old@example.org' }]);
    expect(await readFile(join(dataDir, 'pki', 'ca.pem'), 'utf8')).toBe(ca);
    await target.remove();
  });

  test('the service’s own database is replaced in the same way', async () => {
    const DATA_DIR = place('own-database');
    const env = { DATA_DIR, DATABASE_URL: '', BACKUP_EVERY_HOURS: '0' };
    const old = await startService({ ...env, ADMIN_EMAIL: 'old@example.org' });
    await expect(restoreTo({ DATA_DIR }, { replace: true })).rejects.toMatchObject({ code: 'dataDirInUse' });
    await old.close();
    await expect(restoreTo({ DATA_DIR })).rejects.toMatchObject({ code: 'notEmpty' });
    await restoreTo({ DATA_DIR }, { replace: true });
    expect((await readdir(join(DATA_DIR, 'backups'))).length).toBe(1);
    const restored = await startService(env);
    await restored.call('GET', `/api/node-servers/${local.id}`);
    await restored.close();
  });
});

/** A backup of a database, made by a service that does not migrate it: as an older or a newer one would. */
async function backupOf(env: Record<string, string>): Promise<string> {
  const { writeBackup } = await import('../archive/write.js');
  const { openKeyring } = await import('../../../core/secrets/keyring.js');
  const config = settings(env);
  const client = new pg.Client(clientOptions(env.DATABASE_URL ?? ''));
  await client.connect();
  const path = place(`${randomBytes(4).toString('hex')}.zip`);
  await writeBackup({
    client,
    config,
    keyring: await openKeyring([], config.dataDir),
    createdAt: new Date(),
    path,
    partPath: `${path}.part`,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  await client.end();
  return path;
}

const clientOptions = (url: string): pg.ClientConfig => ({
  host: new URL(url).searchParams.get('host') ?? '',
  user: 'polyrelay',
  database: new URL(url).pathname.slice(1),
});

const NOTHING = { bytes: 0, sha256: '0'.repeat(64) };
const ELSEWHERE = { path: 'pki/../../elsewhere', ...NOTHING };
const MANIFEST = {
  format: 1,
  version: '0.1.0',
  createdAt: '2026-01-01T00:00:00.000Z',
  key: { from: 'backup', probe: '' },
  settings: { PUBLIC_URL: null, MQTT_HOST: null, MQTT_PORT: '8883', STAGE: 'prod' },
  migrations: [],
  tables: [],
  sequences: [],
  files: [{ path: 'secret.key', ...NOTHING }],
};
const manifestOnly = (manifest: object): Buffer =>
  zip([{ name: 'manifest.json', content: JSON.stringify(manifest) }]);
