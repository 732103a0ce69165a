import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine, LogPage, LogStatus, NodeServer, Webhook } from '@polyrelay/contract';
import { fetchWorkerStart } from '@polyrelay/testkit';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../../testing/node-servers.js';
import { registerProgram, removePrograms, TINY_WORKER } from '../../../testing/programs.js';
import { startService, type TestService } from '../../../testing/service.js';
import { followLog, logLine, untilNodeServer } from '../../../testing/waiting.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => {
  await removePrograms();
  await service.close();
});

const path = (id: string, rest = ''): string => `/api/node-servers/${id}/log${rest}`;
const download = async (id: string, query = ''): Promise<string[]> =>
  (await (await service.fetch(path(id, query))).text()).split('\n').slice(0, -1);
const page = (id: string, query: string): Promise<LogPage> =>
  service.call('GET', path(id, `/lines?${query}`));
const say = (id: string, value: string) =>
  service.call('POST', `/api/node-servers/${id}/nodes/controller/commands`, {
    body: { cmd: 'SAY', value },
    status: 202,
  });
const tinyWorker = async (extra: Record<string, unknown> = {}): Promise<NodeServer> => {
  const { id } = await registerProgram(service, { 'main.mjs': TINY_WORKER }, extra);
  return untilNodeServer(service, id, ({ connected, nodes }) => connected && 'controller' in nodes);
};

/** All events of a followed log, with their names. */
async function* events(id: string, query = '', headers = {}): AsyncGenerator<[string, unknown], void> {
  const abort = new AbortController();
  const response = await service.fetch(path(id, `?follow=true${query}`), { signal: abort.signal, headers });
  let rest = '';
  try {
    for await (const chunk of (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(
      new TextDecoderStream(),
    )) {
      const frames = (rest + chunk).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const match = /event: (\w+)\ndata: (.*)$/m.exec(frame);
        if (match !== null) yield [match[1] ?? '', JSON.parse(match[2] ?? '') as unknown];
      }
    }
  } finally {
    abort.abort();
  }
}

describe('a program that prints 50,000 lines', () => {
  const COUNT = 50_000;
  const PRINTING = `
let text = '';
for (let i = 1; i <= ${COUNT}; i++) text += (i % 1000 === 0 ? '[WARNING] ' : '') + 'line ' + i + ' of many\\n';
process.stdout.write(text);
console.log('that is all');
setInterval(() => {}, 60_000);
`;
  let id: string;
  beforeAll(async () => {
    ({ id } = await registerProgram(service, { 'main.mjs': PRINTING }));
    await logLine(service, id, /^that is all$/);
  });

  test('all of them are kept, in order, and can be downloaded whole or filtered', async () => {
    const printed = (lines: string[]) =>
      lines.flatMap((line) => / line (\d+) of many$/.exec(line)?.[1] ?? []).map(Number);
    expect(printed(await download(id))).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
    const warnings = await download(id, '?level=warning');
    expect(printed(warnings)).toEqual(Array.from({ length: COUNT / 1000 }, (_, i) => (i + 1) * 1000));
    expect(printed(await download(id, '?text=LINE%204999'))).toEqual([
      4999,
      ...Array.from({ length: 10 }, (_, i) => 49_990 + i),
    ]);
    expect(await download(id, '?lines=7')).toHaveLength(7);
  });

  test('they are paged by number and by time, and what is on disk is bounded', async () => {
    const newest = await page(id, 'limit=10');
    expect(newest.lines.map(({ n }) => n)).toEqual(
      Array.from({ length: 10 }, (_, i) => (newest.lines[0]?.n ?? 0) + i),
    );
    const older = await page(id, `before=${newest.lines[0]?.n}&limit=10`);
    expect(older.lines.at(-1)?.n).toBe((newest.lines[0]?.n ?? 0) - 1);
    expect(older).toMatchObject({ hasOlder: true, hasNewer: true });
    const warning = await page(id, `before=${newest.lines[0]?.n}&limit=1&level=warning`);
    expect(warning.lines[0]?.text).toBe(`[WARNING] line ${COUNT - 1000} of many`);
    const at = older.lines[4]?.at ?? '';
    const around = await page(id, `at=${encodeURIComponent(at)}&limit=20`);
    expect(around.lines.find(({ n }) => n === around.found)?.at).toBe(at);
    expect(
      (await readdir(join(service.dataDir, 'workers', id))).filter((name) => name.startsWith('worker.log'))
        .length,
    ).toBeLessThanOrEqual(4);
  });

  test.each(['at=yesterday', 'before=-1', 'limit=0', 'limit=100000', 'level=loud'])(
    'a wrong query is told: %s',
    async (query) => {
      expect(await service.call('GET', path(id, `/lines?${query}`), { status: 400 })).toMatchObject({
        status: 400,
      });
    },
  );

  test('one who comes back goes on behind the last line seen', async () => {
    const [last] = (await page(id, 'limit=3')).lines;
    for await (const [event, data] of events(id, '', { 'last-event-id': String(last?.n) })) {
      if (event !== 'lines') continue;
      expect((data as LogLine[]).map(({ n }) => n)).toEqual([(last?.n ?? 0) + 1, (last?.n ?? 0) + 2]);
      break;
    }
  });

  test('nobody else reads or clears it', async () => {
    for (const [method, rest] of [
      ['GET', ''],
      ['GET', '/lines'],
      ['DELETE', ''],
    ] as const)
      await service.call(method, path(id, rest), { status: 401, anonymous: true });
  });
});

test('a follower is sent what passes its filter, many lines in one event', async () => {
  const { id } = await tinyWorker();
  const follower = followLog(service, id, '&level=warning&text=careful');
  const first = follower.next();
  await say(id, 'careful, but only information\n[WARNING] something else\n[WARNING] Careful now');
  expect((await first).value).toMatchObject({ level: 'warning', text: '[WARNING] Careful now' });
  await follower.return();
});

test('the level of a worker is in effect at once, and kept', async () => {
  const { id } = await tinyWorker();
  expect(await service.call('GET', `/api/node-servers/${id}`)).toMatchObject({ logLevel: 'debug' });
  await say(id, '[DEBUG] one');
  await logLine(service, id, /one/);
  await service.call('PATCH', `/api/node-servers/${id}`, { body: { logLevel: 'warning' } });
  await expect
    .poll(async () => {
      await say(id, '[INFO] below');
      await say(id, '[ERROR] above');
      await logLine(service, id, /above/);
      const { lines } = await page(id, 'limit=2');
      return lines.every(({ text }) => text.includes('above'));
    })
    .toBe(true);
  expect(await service.call('GET', `/api/node-servers/${id}`)).toMatchObject({
    logLevel: 'warning',
    connected: true,
  });
  await service.call('PATCH', `/api/node-servers/${id}`, { body: { logLevel: 'loud' }, status: 400 });
});

test('clearing removes the lines for all who look, is audited, and numbers go on', async () => {
  const { id, name } = await tinyWorker();
  await say(id, 'before it was cleared');
  const last = await logLine(service, id, /before it was cleared/);
  let isCleared = false;
  for await (const [event, data] of events(id)) {
    if (event === 'lines' && !isCleared) {
      isCleared = true;
      await service.call('DELETE', path(id), { status: 204 });
    }
    if (event !== 'cleared') continue;
    expect(data).toEqual({ n: last.n });
    break;
  }
  expect(await download(id)).toEqual([]);
  await say(id, 'after it');
  expect((await logLine(service, id, /./)).n).toBe(last.n + 1);
  const { items } = await service.call<{ items: { action: string; target: string }[] }>(
    'GET',
    '/api/audit?limit=1',
  );
  expect(items).toMatchObject([{ action: 'nodeServer.clearLog', target: name }]);
});

test('values known to be secret are taken out, also those that become known while it runs', async () => {
  const { id } = await tinyWorker({
    // A word that stands beside a token is no secret; what looks like one is.
    customParams: {
      password: 'canary-of-the-user',
      city: 'canary-city',
      tokens: { scope: 'thermostats', of: 'canary0Of1Tokens2' },
    },
    oauth: { url: 'https://p.example.org/auth?state=', clientId: 'c', clientSecret: 'canary-of-the-client' },
  });
  await say(
    id,
    'knows canary-of-the-user, canary-of-the-client, canary0Of1Tokens2, thermostats and canary-city',
  );
  expect((await logLine(service, id, /^knows/)).text).toBe('knows …, …, …, thermostats and canary-city');
  await service.call('PUT', `/api/node-servers/${id}/custom-params`, {
    body: { apiKey: 'canary-that-is-new' },
  });
  await expect
    .poll(async () => {
      await say(id, 'new: canary-that-is-new');
      await logLine(service, id, /^new/);
      return (await page(id, 'limit=1')).lines[0]?.text;
    })
    .toBe('new: …');
  const stored = await readFile(join(service.dataDir, 'workers', id, 'worker.log'), 'utf8');
  expect(stored).not.toContain('canary-of');
});

test('the webhook URL is no use to who reads the log, also when it is renewed', async () => {
  const { id } = await tinyWorker();
  for (const method of ['GET', 'POST']) {
    const { url } = await service.call<Webhook>(method, `/api/node-servers/${id}/webhook`);
    await expect
      .poll(async () => {
        await say(id, `${method} at ${url}/path`);
        await logLine(service, id, new RegExp(`^${method} at`));
        return (await page(id, 'limit=1')).lines[0]?.text;
      })
      .toMatch(/ at http:\S+\/webhooks\/…\/path$/);
  }
});

test('a token that the worker saves is taken out of its log', async () => {
  const nodeServer = await registerLocal(service);
  const worker = await connectWorker(service, nodeServer);
  await worker.customData({ account: { access_token: 'canary-token-1' }, home: 'canary-home' });
  const topic = `prod/frontend/${worker.record.userId}/logs/${worker.record.worker}`;
  await expect
    .poll(async () => {
      await worker.raw(
        topic,
        JSON.stringify({ levelname: 'ERROR', message: 'got canary-token-1 of canary-home' }),
      );
      await logLine(service, nodeServer.id, /^got/);
      return (await page(nodeServer.id, 'limit=1')).lines[0];
    })
    .toMatchObject({ text: 'got … of canary-home', level: 'error', stream: 'mqtt' });
  await worker.stop();
});

test('what a worker prints and sends over MQTT stands there once, what it only sends as well', async () => {
  const { id, pgUrl } = await tinyWorker();
  const start = await fetchWorkerStart(pgUrl);
  const client = await connectAsync({
    protocol: 'mqtts',
    host: '127.0.0.1',
    port: service.mqttPort,
    key: start.iotPrivateKey,
    cert: start.iotCert,
    ca: start.caCert,
    reconnectPeriod: 0,
  });
  const send = (message: string) =>
    client.publishAsync(
      `prod/frontend/${start.nodeServer.userId}/logs/${start.nodeServer.worker}`,
      JSON.stringify({ levelname: 'WARNING', message, timestamp: Date.now() }),
    );
  await send('both, sent first');
  await say(id, '2026-01-01 [main] [WARNING] both, sent first');
  await say(id, '2026-01-01 [main] [WARNING] both, printed first');
  await send('both, printed first');
  await send('only sent');
  expect(await logLine(service, id, /only sent/)).toMatchObject({ level: 'warning', stream: 'mqtt' });
  const { lines } = await page(id, 'text=both');
  expect(lines.map(({ stream }) => stream)).toEqual(['stdout', 'stdout']);
  await client.endAsync();
});

test('a worker that floods its log stays bounded, and it is said everywhere', async () => {
  const FLOODING = `${TINY_WORKER}
const block = Buffer.from('this line is written again and again\\n'.repeat(1000));
let isQuiet = false;
const write = () => isQuiet || process.stdout.write(block, () => setImmediate(write));
commands.QUIET = () => { isQuiet = true; };
setTimeout(write, 200);
`;
  const { id } = await registerProgram(service, { 'main.mjs': FLOODING });
  let status: LogStatus['flood'] = null;
  for await (const [event, data] of events(id, '&level=error')) {
    if (event !== 'status') continue;
    status = (data as LogStatus).flood;
    if (status !== null) break;
  }
  expect(status?.dropped).toBeGreaterThan(0);
  const notice = await logLine(service, id, /^It writes too much: [\d,]+ lines\/s\. [\d,]+ lines dropped/);
  expect(notice).toMatchObject({ stream: 'service', level: 'warning' });
  const flooded = await untilNodeServer(service, id, ({ stateReason }) =>
    stateReason.startsWith('It writes too much'),
  );
  expect(flooded.state).toBe('connected');
  // The service is quick meanwhile, and gets over it.
  const begin = performance.now();
  await service.call('GET', `/api/node-servers/${id}`);
  expect(performance.now() - begin).toBeLessThan(5000);
  await service.call('POST', `/api/node-servers/${id}/nodes/controller/commands`, {
    body: { cmd: 'QUIET' },
    status: 202,
  });
  await untilNodeServer(service, id, ({ stateReason }) => stateReason === '');
  await logLine(service, id, /every line is kept/);
}, 30_000);
