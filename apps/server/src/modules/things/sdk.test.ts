import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Message, Thing } from '@polyrelay/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import yauzl from 'yauzl';
import { lastingPlace, startService, type TestService } from '../../testing/service.js';

/** The real SDK, out of a downloaded distribution, as a process of its own. */
let lasting: Awaited<ReturnType<typeof lastingPlace>>;
let service: TestService;
let folder: string;
let thing: Thing;
const children: ChildProcess[] = [];

beforeAll(async () => {
  lasting = await lastingPlace();
  service = await startService(lasting.env);
});
afterAll(async () => {
  await service.close();
  await lasting.remove();
});

let made = 0;
beforeEach(async () => {
  const body = { name: `sdk-${++made}` };
  thing = await service.call<Thing>('POST', '/api/things', { body, status: 201 });
  folder = await mkdtemp(join(tmpdir(), 'pr-sdk-'));
  await unpack(await (await service.fetch(`/api/things/${thing.id}/dist`)).arrayBuffer());
});
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  await rm(folder, { recursive: true });
});

const open = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);

async function unpack(zip: ArrayBuffer): Promise<void> {
  const file = await open(Buffer.from(zip), { lazyEntries: true });
  const read = once(file, 'end');
  file.on('entry', (entry: yauzl.Entry) => {
    file.openReadStream(entry, async (error, stream) => {
      if (error !== null) return void file.emit('error', error);
      const path = join(folder, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, stream);
      file.readEntry();
    });
  });
  file.readEntry();
  await read;
}

function start(args: string[], input = ''): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, [join(folder, 'thing.mjs'), ...args], { cwd: folder });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return { child, said: () => said };
}

async function run(args: string[], input?: string): Promise<{ code: number | null; said: string }> {
  const { child, said } = start(args, input);
  await once(child, 'close');
  return { code: child.exitCode, said: said() };
}

async function until(what: () => boolean | Promise<boolean>, why: () => string = () => ''): Promise<void> {
  for (const end = Date.now() + 20_000; !(await what()); await new Promise((next) => setTimeout(next, 20)))
    if (Date.now() > end) throw new Error(`it did not happen: ${why()}`);
}

/** What the service has of the thing, oldest first. */
async function collected(): Promise<{ id: string; payload: unknown }[]> {
  const { rows } = await service.app.database.pool.query<{ id: string; payload: string }>(
    "SELECT id, payload::text FROM messages WHERE thing_id = $1 AND type = 'egress' ORDER BY at, id",
    [thing.id],
  );
  return rows.map(({ id, payload }) => ({ id, payload: JSON.parse(payload) as unknown }));
}

const status = async () => (await service.call<Thing>('GET', `/api/things/${thing.id}`)).status;

test('bootstrap: from the download to verified', async () => {
  expect(await status()).toBe('created');
  const { code, said } = await run(['bootstrap']);
  expect(said).toContain(`${thing.name} is ready`);
  expect(code).toBe(0);
  await until(async () => (await status()) === 'verified');
});

test('offline, kill -9, a new process: everything is stored in order, once', async () => {
  const { DATABASE_URL, DATA_DIR } = lasting.env;
  const port = String(service.app.endpoints.httpPort);
  await service.close();
  const lines = Array.from({ length: 200 }, (_, n) => `{"n":${n}}\n`).join('');
  const queued = start(['collect', '--lines', '--wait', '60'], lines);
  await until(() => queued.said().includes('200 queued'), queued.said);
  const first = start(['run']);
  await until(() => first.said().includes('Not connected'), first.said);
  service = await startService({ DATABASE_URL: `${DATABASE_URL}`, DATA_DIR: `${DATA_DIR}`, PORT: port });
  await until(async () => (await collected()).length > 5, first.said);
  first.child.kill('SIGKILL');
  const { code, said } = await run(['collect', '--json', '{"n":200}']);
  expect([code, said]).toEqual([0, expect.stringMatching(/^collected /)]);
  expect((await collected()).map(({ payload }) => payload)).toEqual(
    Array.from({ length: 201 }, (_, n) => ({ n })),
  );
});

test('messages to the thing reach its handler, also those sent while it was away; the service knows', async () => {
  const handled = join(folder, 'handled.txt');
  await writeFile(
    join(folder, 'handler.mjs'),
    `import { appendFileSync } from 'node:fs';
     let text = '';
     for await (const chunk of process.stdin) text += chunk;
     appendFileSync(${JSON.stringify(handled)}, process.env.THING_MESSAGE_ID + ' ' + text + '\\n');`,
  );
  const send = (body: object) =>
    service.call<Message>('POST', `/api/things/${thing.id}/messages`, { body, status: 201 });
  const away = await send({ text: 'while away' });
  const { child, said } = start(['run', '--handler', 'handler.mjs']);
  await until(() => said().includes('Connected to'), said);
  const there = await send({ payload: { led: 'on' } });
  const lines = async () => (await readFile(handled, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  await until(async () => (await lines()).length === 2, said);
  expect(await lines()).toEqual([
    `${away.id} {"message":{"message":"while away"}}`,
    `${there.id} {"led":"on"}`,
  ]);
  const states = async () => {
    const path = `/api/things/${thing.id}/messages?type=ingress`;
    const { items } = await service.call<{ items: Message[] }>('GET', path);
    return items.map(({ state }) => state);
  };
  await until(async () => (await states()).every((state) => state === 'delivered'));
  expect(await states()).toHaveLength(2);
  child.kill('SIGTERM');
  await once(child, 'close');
  expect(child.exitCode).toBe(0);
});

test('a thing that was disabled is told so, and loses nothing', async () => {
  const change = (enabled: boolean) =>
    service.call('PATCH', `/api/things/${thing.id}`, { body: { enabled } });
  await change(false);
  const bootstrap = await run(['bootstrap']);
  expect(bootstrap.code).toBe(1);
  expect(bootstrap.said).toMatch(/✗ broker .*disabled/);
  expect(bootstrap.said).toMatch(/✗ collect: .*disabled.*waits on disk/);
  await change(true);
  expect((await run(['collect', '--json', '"later"'])).code).toBe(0);
  expect((await collected()).map(({ payload }) => payload)).toEqual([
    { bootstrap: true, thingName: thing.name },
    'later',
  ]);
});
