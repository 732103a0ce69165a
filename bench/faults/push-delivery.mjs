// Row R10 of the promises, and that a monitor with explicit acknowledgement loses nothing: service, client and database
// are killed (SIGKILL) and connections cut in the middle of a frame, in turn at random, while events are recorded.
//   node bench/faults/push-delivery.mjs [--faults n] [--rate events/s]
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeChannel, openPool } from '../lib/channels.mjs';
import { startProxy } from '../lib/cutting-proxy.mjs';
import { median, ms, rate, report } from '../lib/figures.mjs';
import { freePorts } from '../lib/ports.mjs';
import { startService } from '../lib/service.mjs';

const { values } = parseArgs({
  options: { faults: { type: 'string', default: '70' }, rate: { type: 'string', default: '100' } },
});
const FAULTS = Number(values.faults);
const RATE = Number(values.rate);
const WRITERS = 16;
/** So long everything runs before each fault, in ms. */
const [SHORTEST, LONGEST] = [500, 4000];
const SETTLE_MS = 120_000;
const PATIENCE_MS = 60_000;
const CLIENT = fileURLToPath(new URL('../../packages/push-client/dist/push-client.mjs', import.meta.url));
const RECEIVER = fileURLToPath(new URL('../lib/push-receiver.mjs', import.meta.url));
const explicit = { ackOption: 'explicit', batchDuration: 0 };
const replay = { ackOption: 'off', autoReplayOnConnect: true, batchDuration: 0 };

const folder = await mkdtemp(join(tmpdir(), 'pr-faults-'));
const [port, mqttPort, pushPort, pushTlsPort, httpPort] = await freePorts(5);
const env = {
  PORT: String(port),
  MQTT_PORT: String(mqttPort),
  PUSH_PORT: String(pushPort),
  PUSH_TLS_PORT: String(pushTlsPort),
  ALLOW_PRIVATE_URLS: 'true',
};
const start = () => startService({ dataDir: join(folder, 'data'), env });
const kills = { client: 0, service: 0, database: 0, receiver: 0, sessions: 0 };
const recovery = { service: [], database: [] };
let service = await start();
const { token } = await service.call('POST', '/api/access-tokens', { name: 'faults' });
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, await (await fetch(`${service.url}/api/ca.pem`)).text());
const channels = [];
for (let i = 0; i < WRITERS; i++) channels.push(await makeChannel(service, `faults-${i}`));
const acknowledged = new Set();
/** When the newest request was sent that was answered. */
let answered = 0;

const readers = [
  await startReader('explicit, 1 event a block, plain', { ...explicit, batchSize: 1 }),
  await startReader('explicit, 10 events, plain', { ...explicit, batchSize: 10, batchDuration: 1 }),
  await startReader(
    'explicit, 10 events, zlib, TLS',
    { ...explicit, batchSize: 10, compression: 'zlib' },
    true,
  ),
  await startReader('explicit, 1 event, TLS', { ...explicit, batchSize: 1 }, true),
  await startReader('no acknowledgement, replay, plain', { ...replay, batchSize: 1 }),
];
const receiver = await startReceiver();

// Nothing goes on when this fails.
process.once('exit', () => {
  for (const { child } of [...readers, receiver]) child.kill('SIGKILL');
  if (service !== undefined) process.kill(service.pid, 'SIGTERM');
});

let running = true;
// So many faults are enough: it is evaluated.
process.once('SIGINT', () => {
  running = false;
});
const begun = performance.now();
const writers = Promise.all(channels.map(write));
const faults = [killClient, killService, killDatabase, cutConnection, killReceiver];
for (let n = 0; n < FAULTS && running; n++) {
  await delay(SHORTEST + Math.random() * (LONGEST - SHORTEST));
  const fault = faults[Math.floor(Math.random() * faults.length)];
  process.stderr.write(`\r${n + 1} of ${FAULTS}: ${fault.name.padEnd(20)}`);
  await fault();
}
await delay(SHORTEST);
running = false;
await writers;
const seconds = (performance.now() - begun) / 1000;
process.stderr.write('\n');

const pool = openPool(service);
const { rows: log } = await pool.query(
  `SELECT topic, payload->'firstKey' AS first, payload->'lastKey' AS last FROM events
   WHERE operation = 'INSERTION' AND topic LIKE 'channels/%/messages' ORDER BY id`,
);
const recorded = log.map(({ topic, first }) => `${topic} ${first}`);
// Which number each event of the log has: that of the message whose key it tells.
const { rows: told } = await pool.query(
  `SELECT m.channel_id, m.message->>'n' AS n FROM channel_messages m JOIN events e
     ON e.operation = 'INSERTION' AND e.topic = 'channels/' || m.channel_id || '/messages'
     AND m.key BETWEEN (e.payload->>'firstKey')::bigint AND (e.payload->>'lastKey')::bigint`,
);
const stored = new Set(told.map(({ channel_id: id, n }) => `${id} ${n}`));
await settled();
evaluate();

for (const reader of readers) reader.stop();
receiver.stop();
await pool.end();
await service.stop();
service = undefined;
if (process.exitCode === undefined || process.exitCode === 0)
  await rm(folder, { recursive: true, force: true });
else console.log(`kept: ${folder}`);

/** Posts one message after the other to a channel: each that is answered was one event. */
async function write({ id, authorization }) {
  const headers = { authorization, 'content-type': 'application/json' };
  for (let n = 0; running; n++) {
    const sent = performance.now();
    const body = JSON.stringify([{ ident: 'fault', timestamp: Date.now() / 1000, n }]);
    try {
      const response = await fetch(`http://127.0.0.1:${port}/gw/channels/${id}/messages`, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(20_000),
      });
      const text = await response.text();
      if (response.status === 200) {
        acknowledged.add(`${id} ${n}`);
        answered = Math.max(answered, sent);
      } else if (response.status < 500) throw new Error(`posting answered ${response.status}: ${text}`);
    } catch (error) {
      if (error.message.startsWith('posting')) throw error;
      await delay(50);
    }
    await delay((1000 * WRITERS) / RATE);
  }
}

function settingsOf(settings) {
  return { topic: 'Event/channels/*/messages', ...settings };
}

/** A monitor, and the client that prints its events into a file: a line is there before its block is acknowledged. */
async function startReader(name, settings, tls = false) {
  const { id } = await service.call(
    'POST',
    '/api/monitors',
    settingsOf({ transportType: 'tcp', ...settings }),
  );
  const file = join(folder, `reader-${id}.jsonl`);
  const blocks = new Map();
  let repeats = 0;
  let changed = 0;
  const proxy = await startProxy(
    tls ? pushTlsPort : pushPort,
    tls
      ? undefined
      : (blockId, payload) => {
          const before = blocks.get(blockId);
          if (before !== undefined) repeats++;
          if (before !== undefined && !before.equals(payload)) changed++;
          blocks.set(blockId, Buffer.from(payload));
        },
  );
  const reader = {
    name,
    id,
    proxy,
    explicit: settings.ackOption === 'explicit',
    get blocks() {
      return tls ? undefined : { repeats, changed };
    },
    start() {
      // What a killed one was in the middle of is a line by itself.
      appendFileSync(file, '\n');
      const out = openSync(file, 'a');
      const err = openSync(`${file}.err`, 'a');
      const args = [CLIENT, 'bench@example.org', '--host', '127.0.0.1', '--port', String(proxy.port)];
      args.push(...(tls ? ['--ca', caFile] : ['--insecure']), '--monitor', String(id), '--explicit', '--raw');
      reader.child = spawn(process.execPath, args, {
        stdio: ['ignore', out, err],
        env: { PATH: process.env.PATH, PUSH_PASSWORD: token },
      });
      closeSync(out);
      closeSync(err);
    },
    stop() {
      reader.child.kill('SIGKILL');
      proxy.close();
    },
    received: () => readFileSync(file, 'utf8').split('\n').flatMap(eventIn),
  };
  reader.start();
  return reader;
}

function eventIn(line) {
  if (line === '') return [];
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    // Cut by the kill: it was not acknowledged then.
    return [];
  }
  return [keyOf(message)];
}

function keyOf({ topic, Event }) {
  return `${topic.split('/').slice(2).join('/')} ${Event.firstKey}`;
}

/** An HTTP monitor, and the server that it sends to. */
async function startReceiver() {
  const { id } = await service.call(
    'POST',
    '/api/monitors',
    settingsOf({
      transportType: 'http',
      transportUrl: `http://127.0.0.1:${httpPort}/`,
      batchSize: 10,
      batchDuration: 0,
    }),
  );
  const file = join(folder, 'receiver.jsonl');
  const receiver = {
    name: 'HTTP, 10 events',
    id,
    explicit: true,
    get blocks() {
      const bodies = new Map();
      let repeats = 0;
      let changed = 0;
      for (const { block, body } of requests()) {
        const before = bodies.get(block);
        if (before !== undefined) repeats++;
        if (before !== undefined && before !== body) changed++;
        bodies.set(block, body);
      }
      return { repeats, changed };
    },
    start() {
      appendFileSync(file, '\n');
      receiver.child = spawn(process.execPath, [RECEIVER, String(httpPort), file], { stdio: 'inherit' });
    },
    stop() {
      receiver.child.kill('SIGKILL');
    },
    received: () =>
      requests().flatMap(({ body }) => {
        const { Msg } = JSON.parse(Buffer.from(body, 'base64').toString()).Document;
        return [Msg].flat().map(keyOf);
      }),
  };
  const requests = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line));
  receiver.start();
  return receiver;
}

function any(all) {
  return all[Math.floor(Math.random() * all.length)];
}

async function killAndStart(part) {
  const exited = new Promise((resolve) => part.child.once('exit', resolve));
  part.child.kill('SIGKILL');
  await exited;
  if (Math.random() < 0.5) await delay(Math.random() * 1000);
  part.start();
}

async function killClient() {
  kills.client++;
  const reader = any(readers);
  kills.sessions += reader.proxy.open;
  await killAndStart(reader);
}

async function killReceiver() {
  kills.receiver++;
  await killAndStart(receiver);
}

async function killService() {
  kills.service++;
  for (const { proxy } of readers) kills.sessions += proxy.open;
  const killed = performance.now();
  process.kill(service.pid, 'SIGKILL');
  service = await start();
  recovery.service.push(performance.now() - killed);
}

async function killDatabase() {
  const pidFile = join(folder, 'data', 'postgres', 'postmaster.pid');
  const killed = performance.now();
  process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGKILL');
  kills.database++;
  while (answered < killed && performance.now() < killed + PATIENCE_MS) await delay(5);
  recovery.database.push(performance.now() - killed);
}

async function cutConnection() {
  any(readers).proxy.cut();
}

/** Until everything has come, or nothing more will. */
async function settled() {
  const until = performance.now() + SETTLE_MS;
  const wanted = new Set(recorded);
  for (const reader of [...readers, receiver]) {
    while (performance.now() < until) {
      const seen = new Set(reader.received());
      if (wanted.size <= seen.size || (!reader.explicit && seen.has(recorded.at(-1)))) break;
      await delay(250);
    }
  }
}

function evaluate() {
  const { client, receiver: server, database, service: services } = kills;
  const connection = readers.reduce((sum, { proxy }) => sum + proxy.cuts, 0);
  const sessions = kills.sessions + connection;
  report(
    `${services} × service, ${database} × database, ${client} × client, ${server} × server killed, ${connection} cut`,
    `${sessions} sessions`,
    'at least 100',
    FAULTS < 70 ? undefined : sessions >= 100,
  );
  report(
    'events recorded',
    `${recorded.length} (${rate(recorded.length / seconds)})`,
    `${acknowledged.size} acknowledged`,
  );
  const unrecorded = [...acknowledged].filter((key) => !stored.has(key)).length;
  report('acknowledged and not in the log', `${unrecorded} of ${acknowledged.size}`, '0', unrecorded === 0);
  for (const reader of [...readers, receiver]) evaluateReader(reader);
  for (const [what, times] of Object.entries(recovery))
    if (times.length > 0)
      report(`${what} back, median / slowest`, `${ms(median(times))} / ${ms(Math.max(...times))}`, '');
}

function evaluateReader({ name, explicit, received, blocks }) {
  const all = received();
  const distinct = new Set(all);
  const place = new Map(recorded.map((key, i) => [key, i]));
  const lost = recorded.filter((key) => !distinct.has(key)).length;
  const places = [...distinct].map((key) => place.get(key) ?? -1);
  const disordered = places.filter((at, i) => i > 0 && at < places[i - 1]).length;
  const unknown = places.filter((at) => at === -1).length;
  const goal = explicit ? '0 lost, in order' : 'in order';
  report(
    name,
    `lost ${lost}, twice ${all.length - distinct.size}, out of order ${disordered}`,
    goal,
    (lost === 0 || !explicit) && disordered === 0 && unknown === 0,
  );
  if (explicit && blocks !== undefined)
    report(
      `${name}: repeated blocks, changed`,
      `${blocks.repeats}, ${blocks.changed}`,
      '0 changed',
      blocks.changed === 0,
    );
}
