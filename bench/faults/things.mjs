// Row R2 of the promises, for things: `kill -9` of the service 20 times under 500 messages/s, half of them collected
// over MQTT at QoS 1, half published to things over the API. Nothing acknowledged is missing afterwards, every
// published message reached its thing, and the service is ready again within 5 s.
//   node bench/faults/things.mjs [kills] [messages per second]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { thingTopics } from '@polyrelay/contract';
import mqtt from 'mqtt';
import pg from 'pg';
import { openKeyring } from '../../apps/server/dist/core/secrets/keyring.js';
import { median, ms, rate, report } from '../lib/figures.mjs';
import { freePorts } from '../lib/ports.mjs';
import { startService } from '../lib/service.mjs';

const KILLS = Number(process.argv[2] ?? 20);
const RATE = Number(process.argv[3] ?? 500);
const THINGS = 5;
/** So long it runs before each kill, in ms; the moment of the kill varies. */
const [SHORTEST, LONGEST] = [1000, 2500];
const READY_GOAL_MS = 5000;
const MAX_PENDING = 500;
const TICK_MS = 20;
const SETTLE_MS = 20_000;

const dataDir = await mkdtemp(join(tmpdir(), 'pr-faults-'));
const [port, mqttPort] = await freePorts(2);
const env = { PORT: String(port), MQTT_PORT: String(mqttPort), PUSH_PORT: '0', PUSH_TLS_PORT: '0' };
const acknowledged = { collected: new Set(), published: new Map() };
const heard = new Map();
const refusals = new Set();
let duplicates = 0;
let running = true;

let service = await start();
const pool = new pg.Pool({ host: service.socket, user: 'polyrelay', database: 'postgres', max: 1 });
pool.on('error', () => undefined);
const things = await Promise.all(Array.from({ length: THINGS }, (_, i) => makeThing(i)));
const clients = things.map(connect);

const begun = performance.now();
const load = Promise.all([collectAll(), publishAll()]);
const ready = [];
for (let kill = 0; kill < KILLS; kill++) {
  await delay(SHORTEST + Math.random() * (LONGEST - SHORTEST));
  const killed = performance.now();
  process.kill(service.pid, 'SIGKILL');
  service = await start();
  ready.push(performance.now() - killed);
  process.stderr.write(`\rkill ${kill + 1} of ${KILLS}, ready after ${ms(ready.at(-1))}  `);
}
await delay(SHORTEST);
running = false;
process.stderr.write('\n');
await Promise.race([load, delay(SETTLE_MS, undefined, { ref: false })]);
const seconds = (performance.now() - begun) / 1000;
await settled();

const stored = new Set(
  (await rows("SELECT payload->>'n' AS n FROM messages WHERE type = 'egress'")).map(({ n }) => Number(n)),
);
const states = await rows(
  "SELECT state, count(*)::int AS count FROM messages WHERE type = 'ingress' GROUP BY state",
);
const lost = [...acknowledged.collected].filter((n) => !stored.has(n)).length;
const unheard = [...acknowledged.published.keys()].filter((id) => !heard.has(id)).length;
const waiting = states
  .filter(({ state }) => state !== 'delivered')
  .reduce((sum, { count }) => sum + count, 0);
const count = acknowledged.collected.size + acknowledged.published.size;
report(
  `${KILLS} × kill -9, ${THINGS} things, acknowledged messages`,
  `${count} (${rate(count / seconds)})`,
  `${rate(RATE)} offered`,
);
if (refusals.size > 0) process.stdout.write(`not acknowledged: ${[...refusals].join(', ')}\n`);
report('collected: acknowledged − stored', `${lost} of ${acknowledged.collected.size}`, '0', lost === 0);
report(
  'published: acknowledged and not heard by the thing',
  `${unheard} of ${acknowledged.published.size}`,
  '0',
  unheard === 0,
);
report('published: heard more than once, with the same id', String(duplicates), 'at least once');
report('published: stored and not delivered in the end', String(waiting), '0', waiting === 0);
const slowest = Math.max(...ready);
report(
  'ready again after a kill, median / slowest',
  `${ms(median(ready))} / ${ms(slowest)}`,
  `≤ ${ms(READY_GOAL_MS)}`,
  slowest <= READY_GOAL_MS,
);

for (const client of clients) await client.endAsync(true);
await pool.end();
await service.stop();
await rm(dataDir, { recursive: true, force: true });

function start() {
  return startService({ dataDir, env });
}

/** A thing with its private key, as its distribution holds it. */
async function makeThing(i) {
  const thing = await service.call('POST', '/api/things', { name: `fault-${i}` });
  const [row] = await rows('SELECT private_key FROM things WHERE id = $1', [thing.id]);
  const keyring = await openKeyring([], dataDir);
  const ca = await (await fetch(`${service.url}/api/ca.pem`)).text();
  return { ...thing, key: keyring.open(row.private_key, `things.private_key:${thing.id}`), ca };
}

function connect({ name, certificate, key, ca }) {
  const client = mqtt.connect(`mqtts://127.0.0.1:${mqttPort}`, {
    clientId: name,
    cert: certificate,
    key,
    ca,
    reconnectPeriod: 100,
    connectTimeout: 5000,
  });
  client.on('error', () => undefined);
  // Each time: the session is a new one.
  client.on('connect', () => client.subscribe(thingTopics(name).envelopes, { qos: 1 }));
  client.on('message', (_topic, payload) => {
    const { id } = JSON.parse(payload);
    if (heard.has(id)) duplicates++;
    heard.set(id, true);
  });
  return client;
}

/** Calls `send` at half the rate, also while the service is away; what has no answer yet is bounded. */
async function steadily(send) {
  const pending = new Set();
  const from = performance.now();
  let n = 0;
  for (let due = 0; running; due = ((performance.now() - from) / 1000) * (RATE / 2)) {
    for (; n < due && pending.size < MAX_PENDING; n++) {
      const sending = send(n)
        .catch((error) => refusals.add(error.message))
        .finally(() => pending.delete(sending));
      pending.add(sending);
    }
    // A slow time is not made good for.
    n = Math.max(n, Math.floor(due));
    await delay(TICK_MS);
  }
  await Promise.all(pending);
}

/** Things send; what was not acknowledged when the service was killed their client sends again. */
function collectAll() {
  return steadily(async (n) => {
    await clients[n % THINGS].publishAsync('flashlex/collect', JSON.stringify({ n }), { qos: 1 });
    acknowledged.collected.add(n);
  });
}

/** A user sends to the things; what got no answer is not counted. */
function publishAll() {
  return steadily(async (n) => {
    const path = `/api/things/${things[n % THINGS].id}/messages`;
    const answer = await service.call('POST', path, { payload: { n } }).catch(() => undefined);
    if (answer !== undefined) acknowledged.published.set(answer.id, n);
  });
}

/** Until everything was delivered, or nothing more will be. */
async function settled() {
  const until = performance.now() + SETTLE_MS;
  while (performance.now() < until) {
    const [{ waiting }] = await rows(
      "SELECT count(*)::int AS waiting FROM messages WHERE state <> 'delivered'",
    );
    if (waiting === 0) return;
    await delay(200);
  }
}

async function rows(text, values) {
  return (await pool.query(text, values)).rows;
}
