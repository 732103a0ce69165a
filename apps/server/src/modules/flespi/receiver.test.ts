import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildReceiver } from '@polyrelay/receiver/build';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../testing/ports.js';
import { ADMIN, newDatabase, signIn } from '../../testing/service.js';
import { type SourceProcess, startProcess, startSource } from '../../testing/source-process.js';

const WRITERS = 4;
/** Each writer writes so many, and then on until the last kill is over. */
const BATCHES = 40;
const BATCH = 10;
const PAGE = 100;

let folder: string;
let database: Awaited<ReturnType<typeof newDatabase>>;
let url: string;
let token: string;
let service: SourceProcess;
const processes: SourceProcess[] = [];

/** Messages in the order they came, and what waits for more of them. */
const taken: string[] = [];
let look = (): void => {};
const sink = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  taken.push(...(JSON.parse(text) as { id: string }[]).map(({ id }) => id));
  look();
  response.end();
});

async function startService(): Promise<void> {
  service = startSource(new URL('../../main.ts', import.meta.url), {
    HOST: '127.0.0.1',
    PORT: new URL(url).port,
    MQTT_PORT: '0',
    PUSH_PORT: '0',
    PUSH_TLS_PORT: '0',
    DATA_DIR: join(folder, 'data'),
    DATABASE_URL: database.url,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    SPARE_WORKERS: '0',
  });
  processes.push(service);
  await service.printed(/ready at/);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-receiver-'));
  database = await newDatabase();
  url = `http://127.0.0.1:${await freePorts(1)}`;
  await buildReceiver(join(folder, 'receiver.mjs'));
  sink.listen(0, '127.0.0.1');
  await once(sink, 'listening');
  await startService();
  const made = await fetch(`${url}/api/access-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: await signIn(url, ADMIN), origin: url },
    body: JSON.stringify({ name: 'receiver' }),
  });
  ({ token } = (await made.json()) as { token: string });
});
afterAll(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  sink.closeAllConnections();
  sink.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function gw(method: string, path: string, body?: unknown): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${url}/gw/channels${path}`, {
    method,
    headers: { authorization: `FlespiToken ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { result: Record<string, unknown>[] }).result;
}

/** Posts until it is answered: a batch whose answer was lost is there twice, under other ids. */
async function write(channel: unknown, writer: number, isOver: () => boolean): Promise<number> {
  let batch = 0;
  for (; batch < BATCHES || !isOver(); batch += 1)
    for (let attempt = 0; ; attempt += 1) {
      const messages = Array.from({ length: BATCH }, (_, n) => ({
        ident: `writer-${writer}`,
        timestamp: 1_700_000_000 + batch,
        id: `${writer}/${batch}/${attempt}/${n}`,
      }));
      const done = await gw('POST', `/${channel}/messages`, messages).catch(() => undefined);
      // Without a pause there would be more messages than the test needs.
      if (done === undefined || batch >= BATCHES) await delay(50);
      if (done !== undefined) break;
    }
  return batch;
}

const startReceiver = (channel: unknown): SourceProcess => {
  const started = startProcess(
    process.execPath,
    [
      ...['receiver.mjs', '--url', url, '--key', token, '--channel', String(channel)],
      ...['--limit-count', String(PAGE), '--retry-delay', '0.1', '--delete', '--handler', 'http'],
      ...['--url', `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`],
    ],
    folder,
  );
  processes.push(started);
  return started;
};

async function untilTaken(is: () => boolean): Promise<void> {
  while (!is())
    await new Promise<void>((resolve) => {
      look = resolve;
    });
}

test('every message in the order of its key, through kill -9 of the receiver and of the service', async () => {
  const [made] = await gw('POST', '', [{ name: 'kept' }]);
  const channel = made?.id;
  let over = false;
  const writing = Promise.all(
    Array.from({ length: WRITERS }, (_, writer) => write(channel, writer, () => over)),
  );
  let receiver = startReceiver(channel);
  for (const kill of ['receiver', 'service', 'receiver', 'service']) {
    const before = taken.length;
    await untilTaken(() => taken.length > before + PAGE);
    if (kill === 'service') {
      service.child.kill('SIGKILL');
      await service.ended;
      await startService();
    } else {
      receiver.child.kill('SIGKILL');
      await receiver.ended;
      receiver = startReceiver(channel);
    }
  }
  over = true;
  const batches = await writing;
  // The last one: when it is taken, all before it are.
  await gw('POST', `/${channel}/messages`, { ident: 'end', timestamp: 1, id: 'end' });
  await untilTaken(() => taken.includes('end'));
  receiver.child.kill('SIGTERM');
  expect(await receiver.ended).toMatchObject({
    code: 0,
    output: expect.stringContaining('stopped: curr_key='),
  });

  const firsts = [...new Set(taken)];
  // A writer's messages stand in the order it wrote them, whole.
  for (let writer = 0; writer < WRITERS; writer += 1) {
    const own = firsts.filter((id) => id.startsWith(`${writer}/`)).map((id) => id.split('/').map(Number));
    expect(new Set(own.map(([, batch, , n]) => `${batch}/${n}`)).size).toBe((batches[writer] ?? 0) * BATCH);
    const sorted = own.toSorted((a, b) => a.reduce((sum, part, i) => sum || part - (b[i] ?? 0), 0));
    expect(own).toEqual(sorted);
  }
  // Only what was in flight when the receiver was killed, twice, came again.
  expect(taken.length - firsts.length).toBeLessThanOrEqual(2 * PAGE);
  const { currKey } = JSON.parse(await readFile(join(folder, `receiver-${channel}.json`), 'utf8'));
  expect(currKey).toBe(firsts.length);
}, 120_000);
