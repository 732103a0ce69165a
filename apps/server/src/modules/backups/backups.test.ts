import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditEntry, Backup, BackupList } from '@polyrelay/contract';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { download, makeBackup, nextBackup } from '../../testing/backups.js';
import { nextEvent } from '../../testing/node-servers.js';
import { lastingPlace, signIn, startService, type TestService } from '../../testing/service.js';
import { nameOf } from './names.js';

const run = promisify(execFile);

const MEMBER = { email: 'member@example.org', password: 'member member', role: 'member' };
const HOUR_MS = 3_600_000;

let service: TestService;
const list = (): Promise<BackupList> => service.call<BackupList>('GET', '/api/backups');
const audit = async (): Promise<AuditEntry[]> =>
  (await service.call<{ items: AuditEntry[] }>('GET', '/api/audit')).items;
const folder = (): string => service.app.config.backups.folder;

/** A file with the name that a backup of that time has. */
async function pretend(inFolder: string, ageMs: number): Promise<string> {
  const name = nameOf(new Date(Date.now() - ageMs), '0.0.1', false);
  await mkdir(inFolder, { recursive: true });
  await writeFile(join(inFolder, name), 'old');
  return name;
}

describe('through the API', () => {
  let scratch: string;
  beforeEach(async () => {
    service = await startService({ BACKUP_EVERY_HOURS: '0', BACKUP_KEEP: '2' });
    scratch = await mkdtemp(join(tmpdir(), 'pr-backup-'));
  });
  afterEach(async () => {
    await service.close();
    await rm(scratch, { recursive: true, force: true });
  });

  test('one is made, listed, downloaded as it is, and deleted', async () => {
    expect(await list()).toMatchObject({ items: [], next: null, everyHours: 0, keep: 2, encrypts: false });
    const made = await makeBackup(service);
    expect(made).toMatchObject({ encrypted: false, version: '0.1.0', state: 'done', step: null });
    const path = join(folder(), made.name);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(path)).size).toBe(made.bytes);

    const response = await service.fetch(`/api/backups/${made.name}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': String(made.bytes),
      'content-disposition': `attachment; filename="${made.name}"`,
      'cache-control': 'no-store',
    });
    expect((await response.arrayBuffer()).byteLength).toBe(made.bytes);

    await service.call('DELETE', `/api/backups/${made.name}`, { status: 204 });
    expect((await list()).items).toEqual([]);
    expect(await readdir(folder())).toEqual([]);
    expect((await audit()).map(({ action, actor, target }) => [action, actor, target]).slice(0, 3)).toEqual([
      ['backup.delete', 'admin@example.org', made.name],
      ['backup.download', 'admin@example.org', made.name],
      ['backup.create', 'admin@example.org', made.name],
    ]);
  });

  test('is a zip that any program opens, without programs and logs', async () => {
    await mkdir(join(service.dataDir, 'workers', 'x', 'nodeserver'), { recursive: true });
    await writeFile(join(service.dataDir, 'workers', 'x', 'worker.log'), 'log');
    const { name } = await makeBackup(service);
    await download(service, name, join(scratch, 'b.zip'));
    const { stdout } = await run('python3', [
      '-c',
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print("\\n".join(z.namelist()))',
      join(scratch, 'b.zip'),
    ]);
    const parts = stdout.trim().split('\n');
    expect(parts).toEqual(
      expect.arrayContaining([
        'files/instance-id',
        'files/pki/ca.key',
        'files/pki/ca.pem',
        'files/secret.key',
        'tables/users.copy',
        'tables/driver_samples.copy',
        'manifest.json',
      ]),
    );
    expect(parts.filter((part) => /worker|_prisma/.test(part.replace('tables/', '')))).toEqual([]);
  });

  test('only the newest are kept, and nothing that is not a backup is touched', async () => {
    await mkdir(folder(), { recursive: true });
    await writeFile(join(folder(), 'notes.txt'), 'mine');
    const old = [await pretend(folder(), 3 * HOUR_MS), await pretend(folder(), 2 * HOUR_MS)];
    const { name } = await makeBackup(service);
    expect((await list()).items.map((item) => item.name)).toEqual([name, old[1]]);
    expect((await readdir(folder())).sort()).toEqual(['notes.txt', name, old[1]].sort());
  });

  test('two at once are refused', async () => {
    const done = nextBackup(service);
    const answers = await Promise.all([1, 2, 3].map(() => service.fetch('/api/backups', { method: 'POST' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    const begun = (await answers.find(({ status }) => status === 202)?.json()) as Backup;
    expect(begun).toMatchObject({ state: 'running' });
    await done;
    expect((await list()).items).toHaveLength(1);
  });

  test('another replica that makes one is waited for by nobody: 409', async () => {
    const other = await service.app.database.pool.connect();
    await other.query('SELECT pg_advisory_lock(7410223)');
    expect(await service.call('POST', '/api/backups', { status: 409 })).toMatchObject({
      code: 'backupRunning',
    });
    await other.query('SELECT pg_advisory_unlock(7410223)');
    other.release();
    await makeBackup(service);
  });

  test('members, and those who are not signed in, have no part in it', async () => {
    const { name } = await makeBackup(service);
    await service.call('POST', '/api/users', { body: MEMBER, status: 201 });
    const cookie = await signIn(service.url, MEMBER);
    for (const [method, path] of [
      ['GET', '/api/backups'],
      ['POST', '/api/backups'],
      ['GET', `/api/backups/${name}`],
      ['DELETE', `/api/backups/${name}`],
    ] as const) {
      await service.call(method, path, { anonymous: true, status: 401 });
      const problem = await service.call(method, path, { headers: { cookie }, status: 403 });
      expect(problem).toMatchObject({ code: 'adminOnly' });
    }
    expect((await list()).items).toHaveLength(1);
  });

  test('no name leads elsewhere', async () => {
    await makeBackup(service);
    await writeFile(join(folder(), 'notes.txt'), 'mine');
    for (const name of [
      '../secret.key',
      '..%2Fsecret.key',
      '%2e%2e%2fsecret.key',
      '..%5csecret.key',
      'polyrelay-2026-01-01T00-00-00-000Z-v1.zip%2F..%2F..%2Fsecret.key',
      '%2Fetc%2Fpasswd',
      'notes.txt',
      'polyrelay-2026-99-01T00-00-00-000Z-v1.zip',
      '%00',
    ]) {
      for (const method of ['GET', 'DELETE']) {
        const response = await service.fetch(`/api/backups/${name}`, { method });
        expect(response.status, name).toBe(404);
        expect(await response.text()).not.toContain('mine');
      }
    }
    await stat(join(service.dataDir, 'secret.key'));
    await stat(join(folder(), 'notes.txt'));
  });

  test('one that fails says so, leaves no half file, and deletes no older one', async () => {
    const old = [await pretend(folder(), 1000), await pretend(folder(), 2000), await pretend(folder(), 3000)];
    const failed = nextEvent(service, 'backups/failed');
    const release = await holdUp(service);
    // It has written some tables, and loses its connection.
    await service.app.database.pool.query(`SELECT pg_terminate_backend(pid) FROM (${WAITING}) AS waiting`);
    await failed;
    await release();
    const { items, failure } = await list();
    expect(items.map(({ name }) => name)).toEqual(old);
    expect(failure?.message).toMatch(/terminat/);
    expect((await readdir(folder())).sort()).toEqual([...old].sort());
    expect((await audit())[0]).toMatchObject({ action: 'backup.fail' });

    await makeBackup(service);
    expect((await list()).failure).toBeNull();
  });

  test('one that is being made shows how far it is, and ends with the service, without a trace', async () => {
    const place = await lastingPlace();
    const other = await startService({ ...place.env, BACKUP_EVERY_HOURS: '0' });
    const release = await holdUp(other);
    const { items } = await other.call<BackupList>('GET', '/api/backups');
    expect(items).toMatchObject([{ state: 'running', step: 'oauth_links' }]);
    await other.close();
    expect(await readdir(join(other.dataDir, 'backups'))).toEqual([]);
    await release();
    await place.remove();
  });
});

const WAITING = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'COPY%'`;

/** Begins a backup that stands still at the sign-ins. @returns lets it go on */
async function holdUp(of: TestService): Promise<() => Promise<void>> {
  const blocker = new pg.Client({ ...of.app.database.pool.options, application_name: 'blocker' });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE oauth_links IN ACCESS EXCLUSIVE MODE');
  await of.call('POST', '/api/backups', { status: 202 });
  // Not by the blocker: a transaction sees the same activity all the time.
  while ((await of.app.database.pool.query(WAITING)).rowCount === 0);
  return () => blocker.end();
}

describe('on schedule', () => {
  test('one is made when the newest is too old, also of an earlier run; and not before', async () => {
    const place = await lastingPlace();
    const backups = join(place.env.DATA_DIR ?? '', 'backups');
    const old = await pretend(backups, HOUR_MS);
    // Due every 7.2 s; after a start it waits for a tenth of that.
    service = await startService({ ...place.env, BACKUP_EVERY_HOURS: '0.002' });
    await nextBackup(service);
    const first = await list();
    expect(first.items).toHaveLength(2);
    expect(first.items[1]?.name).toBe(old);
    const [newest] = first.items;
    expect(Date.parse(first.next ?? '') - Date.parse(newest?.createdAt ?? '')).toBeGreaterThanOrEqual(7200);
    expect((await audit()).find(({ action }) => action === 'backup.create')).toMatchObject({
      actor: 'system',
    });
    await service.close();

    // The newest file counts after a restart, too.
    service = await startService({ ...place.env, BACKUP_EVERY_HOURS: '24' });
    const { next, items } = await list();
    expect(Date.parse(next ?? '')).toBe(Date.parse(items[0]?.createdAt ?? '') + 24 * HOUR_MS);
    await service.close();
    await place.remove();
  });

  test('one that another replica made counts', async () => {
    service = await startService({ BACKUP_EVERY_HOURS: '24' });
    await service.app.audit.record({
      actor: 'system',
      action: 'backup.create',
      detail: { instance: 'another' },
    });
    expect(Date.parse((await list()).next ?? '')).toBeGreaterThan(Date.now() + 23 * HOUR_MS);
    await service.close();
  });
});

test('without enough room none is made, and it is said', async (context) => {
  const small = await mkdtemp(join(tmpdir(), 'pr-small-'));
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]).catch(() => undefined);
  if (mounted === undefined) return context.skip('it takes root to make a small file system');
  try {
    service = await startService({ BACKUP_EVERY_HOURS: '0', BACKUP_DIR: small });
    const failed = nextEvent(service, 'backups/failed');
    await service.call('POST', '/api/backups', { status: 202 });
    await failed;
    expect((await list()).failure?.message).toMatch(/^There is no room for a backup in .*Free some space/);
    expect(await readdir(small)).toEqual([]);
    await service.close();
  } finally {
    await run('umount', [small]);
    await rm(small, { recursive: true, force: true });
  }
});
