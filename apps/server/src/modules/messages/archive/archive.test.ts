import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { Thing } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { linkTo } from '../../../testing/database-link.js';
import { newDatabase, startService, type TestService } from '../../../testing/service.js';
import { createThing } from '../../../testing/things.js';
import { messageFile } from '../present.js';

const run = promisify(execFile);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** Goes through the files of an archive, in their order. */
async function eachFile(
  bytes: Buffer,
  take: (entry: Entry, content: () => Promise<string>) => Promise<void> | void,
): Promise<void> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  const open = promisify(zip.openReadStream.bind(zip)) as (entry: Entry) => Promise<NodeJS.ReadableStream>;
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      const content = async (): Promise<string> => (await buffer(await open(entry))).toString();
      Promise.resolve(take(entry, content)).then(() => zip.readEntry(), reject);
    });
    zip.readEntry();
  });
}

/** The files' contents by name. */
async function unzip(response: Response): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  await eachFile(Buffer.from(await response.arrayBuffer()), async (entry, content) => {
    files.set(entry.fileName, await content());
  });
  return files;
}

const download = (of: TestService, thing: Thing, query = '', init: RequestInit = {}): Promise<Response> =>
  of.fetch(`/api/things/${thing.id}/archive${query}`, init);

/** Messages of 200 KB that hardly get smaller: more than sockets hold. */
async function fill(of: TestService, thing: Thing): Promise<void> {
  await of.app.database.pool.query(
    `INSERT INTO messages (id, thing_id, type, at, payload, bytes)
     SELECT gen_random_uuid(), $1, 'egress', now() - interval '1 minute', to_json($2::text), 200002 FROM generate_series(1, 200) n`,
    [thing.id, randomBytes(150_000).toString('base64')],
  );
}

test('holds exactly what is stored, as it came', async () => {
  const thing = await createThing(service);
  const payloads = [
    '1',
    'null',
    '{"z" : 12345678901234567890, "a":1.0, "a":2}',
    '"\\u00e9 é 👩 \\n \\\\ $& $1"',
    `"${'x'.repeat(200_000)}"`,
    '[[],{"__proto__":{}}]',
    ...Array.from({ length: 1200 }, (_, n) =>
      JSON.stringify({ n, text: 'the same words again and again '.repeat(20) }),
    ),
  ];
  const ids: string[] = [];
  for (const { id } of await Promise.all(
    payloads.map((payload) => service.app.messages.collect(thing, payload)),
  ))
    ids.push(id);
  const response = await download(service, thing);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/zip',
    'content-disposition': expect.stringMatching(
      new RegExp(`^attachment; filename="${thing.name}_messages_\\d{4}-\\d\\d-\\d\\d\\.zip"$`),
    ),
    'cache-control': 'no-store',
  });
  const bytes = Buffer.from(await response.clone().arrayBuffer());
  const files = await unzip(response);
  expect([...files.keys()]).toEqual(ids.map((id) => `${id}.json`));
  for (const [i, id] of ids.entries()) {
    const file = files.get(`${id}.json`) ?? '';
    expect(file).toBe(await (await service.fetch(`/api/things/${thing.id}/messages/${id}`)).text());
    expect(file.endsWith(`,"payload":${payloads[i]}}`)).toBe(true);
    if (i === 20) break;
  }
  expect(bytes.length).toBeLessThan([...files.values()].reduce((sum, file) => sum + file.length, 0));

  // Another program takes it for whole, too.
  const folder = await mkdtemp(join(tmpdir(), 'pr-archive-'));
  await writeFile(join(folder, 'a.zip'), bytes);
  const check =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))';
  const { stdout } = await run('python3', ['-c', check, join(folder, 'a.zip')]);
  expect(stdout.trim()).toBe(`None ${payloads.length}`);
  await rm(folder, { recursive: true });
});

test('with more files than a plain zip counts, of a type and range', async () => {
  const thing = await createThing(service);
  await service.app.database.pool.query(
    `INSERT INTO messages (id, thing_id, type, at, payload, bytes)
     SELECT gen_random_uuid(), $1, CASE WHEN n = 5 THEN 'ingress' ELSE 'egress' END,
       '2026-01-01T00:00:00Z'::timestamptz + make_interval(secs => n), to_json(n), 5 FROM generate_series(1, 66000) n`,
    [thing.id],
  );
  const names = new Set<string>();
  await eachFile(
    Buffer.from(await (await download(service, thing)).arrayBuffer()),
    async (entry, content) => {
      names.add(entry.fileName);
      if (names.size % 1000 === 0) expect(JSON.parse(await content()).payload).toBe(names.size);
    },
  );
  expect(names.size).toBe(66_000);
  const query = '?type=egress&from=2026-01-01T00:00:04Z&to=2026-01-01T00:00:08Z';
  const some = await unzip(await download(service, thing, query));
  expect([...some.values()].map((file) => JSON.parse(file).payload)).toEqual([4, 6, 7]);
  await service.app.database.pool.query(
    `UPDATE messages SET state = 'delivered', state_at = '2026-01-01T00:00:05.070Z' WHERE thing_id = $1 AND type = 'ingress'`,
    [thing.id],
  );
  const [[name, file] = ['']] = await unzip(await download(service, thing, '?type=ingress'));
  const id = name.replace('.json', '');
  expect(file).toBe(await (await service.fetch(`/api/things/${thing.id}/messages/${id}`)).text());
  expect(JSON.parse(file ?? '')).toMatchObject({ state: 'delivered', stateAt: '2026-01-01T00:00:05.070Z' });
  const early = await unzip(
    await download(service, thing, '?from=0000-01-01T00:00:00Z&to=2026-01-01T00:00:03Z'),
  );
  expect([...early.values()].map((file) => JSON.parse(file).payload)).toEqual([1, 2]);
});

test('an empty range is an error, before anything is sent', async () => {
  const thing = await createThing(service);
  const response = await download(service, thing, '?type=ingress');
  expect(response.status).toBe(404);
  expect(response.headers.get('content-disposition')).toBeNull();
  expect(await response.json()).toMatchObject({ code: 'noMessages' });
  const stream = service.app.messages.archive(thing, {}, messageFile);
  await expect(buffer(stream)).rejects.toMatchObject({ code: 'noMessages' });
});

test('a reader that is slow is waited for, and one that goes away ends it', async () => {
  const thing = await createThing(service);
  await fill(service, thing);
  const { pool } = service.app.database;
  // Pages alone take a connection for themselves; single statements take theirs with a callback.
  const connect = pool.connect.bind(pool);
  let pages = 0;
  pool.connect = ((...args: []) => {
    if (args.length === 0) pages++;
    return connect(...args);
  }) as never;
  const abort = new AbortController();
  const response = await download(service, thing, '', { signal: abort.signal });
  expect(response.status).toBe(200);
  // Other work goes on meanwhile, on connections that the archive does not hold.
  const idle = async (): Promise<void> => {
    for (let before = -1; before !== pages; ) {
      before = pages;
      for (let i = 0; i < 50; i++) await service.call('GET', `/api/things/${thing.id}/messages/count`);
    }
  };
  await idle();
  const stalled = pages;
  await expect.poll(() => pool.idleCount === pool.totalCount).toBe(true);
  expect(stalled).toBeLessThan(15);
  abort.abort();
  await idle();
  expect(pages).toBeLessThanOrEqual(stalled + 1);
  pool.connect = connect;
  expect(pages).toBeGreaterThan(0);
});

test('a failure in the middle breaks the connection', async () => {
  const database = await newDatabase();
  const link = await linkTo(database.url);
  const other = await startService({ DATABASE_URL: link.url });
  const thing = await createThing(other);
  await fill(other, thing);
  const response = await download(other, thing);
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  await reader?.read();
  await link.cut();
  const rest = async (): Promise<void> => {
    while ((await reader?.read())?.done === false);
  };
  await expect(rest()).rejects.toThrow();
  await link.restore();
  await other.close();
  await link.cut();
  await database.drop();
});
