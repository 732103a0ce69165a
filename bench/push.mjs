// Push monitors: one event to 1,000 sessions against bare writes of the same bytes, events that few of many monitors
// mean, a commit to its frame, frames that are acknowledged, sessions that come at once, and the memory of those that wait.
// Parts can be named: `node bench/push.mjs fanOut idle`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeChannel, openPool } from './lib/channels.mjs';
import { median, ms, quantile, rate, report } from './lib/figures.mjs';
import { freePorts } from './lib/ports.mjs';
import { acknowledge, makeMonitors, openSession, openSessions } from './lib/push.mjs';
import { startService } from './lib/service.mjs';

const SESSIONS = 1000;
const EVENTS = 100;
const ROUNDS = 3;
const MANY = 10_000;
const MATCHING = 10;
const SECONDS = 8;
const PER_SECOND = 100;
const LATENCIES = 500;
const ACKNOWLEDGED = 20;
/** As many as may be signing in at the same time from one address. */
const STORM = 200;
/** So many that what garbage moves is little for each. */
const IDLE = 5000;
const RESTS_MS = 8000;
const HEADER = 16;

const port = (await freePorts(1))[0];
const service = await startService({ env: { PUSH_PORT: String(port) } });
const pool = openPool(service);
const { token } = await service.call('POST', '/api/access-tokens', { name: 'bench' });
const credentials = { username: 'bench@example.org', password: token };
const { id: channel, authorization } = await makeChannel(service, 'events');
const headers = { authorization, 'content-type': 'application/json' };
const batchOfOne = { batchSize: 1, batchDuration: 0 };
const topic = `Event/channels/${channel}/messages`;
const parts = { idle, fanOut, acknowledged, storm, latency, fewOfMany };
// All of them, or those that are named as arguments.
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
try {
  for (const name of chosen) await parts[name]();
} finally {
  await pool.end();
  await service.stop();
}

/** One event of the log. */
async function record(i = 0) {
  const body = JSON.stringify([{ ident: 'bench', timestamp: 1_763_750_000 + i, value: i }]);
  const url = `${service.url}/gw/channels/${channel}/messages`;
  const response = await fetch(url, { method: 'POST', headers, body });
  if (response.status !== 200) throw new Error(await response.text());
  await response.arrayBuffer();
}

/** The bytes of frames that came, and a promise for some of them. */
function counter() {
  let bytes = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let reached;
  return {
    onData(data) {
      bytes += data.length;
      if (bytes >= wanted) reached();
    },
    /** Resolves when so many bytes have come since now. */
    next(more) {
      wanted = bytes + more;
      return new Promise((resolve) => {
        reached = resolve;
      });
    },
  };
}

/** The frame that a session is sent for one event, so that the bare part sends the same bytes. */
async function frameOf(monitorId) {
  let frame = Buffer.alloc(0);
  const socket = await openSession(port, credentials, monitorId, (data) => {
    frame = Buffer.concat([frame, data]);
  });
  await record();
  while (frame.length < HEADER || frame.length < 6 + frame.readUInt32BE(2)) await delay(5);
  socket.destroy();
  return frame;
}

async function fanOut() {
  const ids = await makeMonitors(service, pool, { topic, ...batchOfOne }, SESSIONS);
  const frame = await frameOf(ids[0]);
  const ours = counter();
  const sessions = await openSessions(port, credentials, ids, ours.onData);
  const script = fileURLToPath(new URL('lib/bare-push.mjs', import.meta.url));
  const bare = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const barePort = Number(String((await once(bare.stdout, 'data'))[0]));
  const theirs = counter();
  const sockets = await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const socket = connect({ port: barePort, host: '127.0.0.1' });
      await once(socket, 'connect');
      return socket.on('data', theirs.onData);
    }),
  );
  const rates = { ours: [], bare: [] };
  // Frames differ by a few digits in length: what is waited for is a little less than all.
  const bytes = Math.floor(frame.length * SESSIONS * EVENTS * 0.98);
  const push = async () => {
    const all = ours.next(bytes);
    const begun = performance.now();
    for (let i = 0; i < EVENTS; i++) await record(i);
    await all;
    return ((SESSIONS * EVENTS) / (performance.now() - begun)) * 1000;
  };
  const write = async () => {
    const all = theirs.next(bytes);
    const begun = performance.now();
    bare.stdin.write(`${EVENTS} ${frame.toString('hex')}\n`);
    await all;
    return ((SESSIONS * EVENTS) / (performance.now() - begun)) * 1000;
  };
  await push();
  await write();
  for (let round = 0; round < ROUNDS; round++) {
    await delay(1000);
    rates.ours.push(await push());
    await delay(300);
    rates.bare.push(await write());
  }
  const ratio = median(rates.ours) / median(rates.bare);
  report(
    `frames, ${EVENTS} events to ${SESSIONS} sessions`,
    `${rate(median(rates.ours))} / ${rate(median(rates.bare))} = ${(ratio * 100).toFixed(0)} %`,
    '≥ 50 % of bare TCP writes',
    ratio >= 0.5,
  );
  for (const socket of [...sessions, ...sockets]) socket.destroy();
  bare.kill('SIGTERM');
}

/** The same events to monitors whose clients acknowledge each: a block is in the database before it is sent. */
async function acknowledged() {
  const ids = await makeMonitors(service, pool, { topic, ...batchOfOne, ackOption: 'explicit' }, SESSIONS);
  let frames = 0;
  let reached;
  const sessions = await openSessions(port, credentials, ids, (data, socket) => {
    frames += acknowledge(socket, data);
    if (frames >= SESSIONS * ACKNOWLEDGED) reached();
  });
  const all = new Promise((resolve) => {
    reached = resolve;
  });
  const begun = performance.now();
  for (let i = 0; i < ACKNOWLEDGED; i++) await record(i);
  await all;
  const perSecond = (frames / (performance.now() - begun)) * 1000;
  report(
    `frames with acknowledgement, ${ACKNOWLEDGED} events to ${SESSIONS} sessions`,
    rate(perSecond),
    'no goal is set',
  );
  for (const socket of sessions) socket.destroy();
}

/** Everybody comes back at once: each session signs in with an access token. */
async function storm() {
  const ids = await makeMonitors(service, pool, { topic, ...batchOfOne }, STORM);
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    const sessions = await openSessions(port, credentials, ids, () => undefined, STORM);
    times.push(performance.now() - begun);
    for (const socket of sessions) socket.destroy();
    await delay(2000);
  }
  report(`${STORM} sessions opened at once`, ms(median(times)), 'no goal is set');
}

/** From the answer that says it is committed; the frame may be here before it. */
async function latency() {
  const [id] = await makeMonitors(service, pool, { topic, ...batchOfOne }, 1);
  let arrived;
  const socket = await openSession(port, credentials, id, () => arrived?.(performance.now()));
  const behind = [];
  for (let i = 0; i < LATENCIES; i++) {
    const frame = new Promise((resolve) => {
      arrived = resolve;
    });
    await record(i);
    const answered = performance.now();
    behind.push(Math.max(0, (await frame) - answered));
    await delay(2);
  }
  socket.destroy();
  const p99 = quantile(behind, 0.99);
  report(
    'commit to frame, batches of 1: p50, p99',
    `${ms(median(behind))}, ${ms(p99)}`,
    'p99 ≤ 25 ms',
    p99 <= 25,
  );
}

async function memory() {
  const status = await readFile(`/proc/${service.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

/** First of all parts, so that it finds no memory that another part has grown. */
async function idle() {
  const ids = await makeMonitors(service, pool, { topic: 'XbeeCore', ...batchOfOne }, SESSIONS + IDLE);
  // The first ones grow what grows once.
  const warm = await openSessions(port, credentials, ids.slice(0, SESSIONS), () => undefined);
  await delay(RESTS_MS);
  const before = await memory();
  const sessions = await openSessions(port, credentials, ids.slice(SESSIONS), () => undefined);
  await delay(RESTS_MS);
  const each = ((await memory()) - before) / IDLE;
  report('memory of an idle session', `${(each / 1024).toFixed(1)} KiB`, '≤ 20 KB', each <= 20_000);
  for (const socket of [...warm, ...sessions]) socket.destroy();
}

/** CPU time of the service while events come at a steady rate, in ms for each second. */
async function load(sessions) {
  let frames = 0;
  const count = () => {
    frames++;
  };
  for (const socket of sessions) socket.on('data', count);
  const before = await cpu();
  const begun = performance.now();
  for (let i = 0; i < SECONDS * PER_SECOND; i++) {
    await record(i);
    await delay(Math.max(0, begun + ((i + 1) * 1000) / PER_SECOND - performance.now()));
  }
  const used = (await cpu()) - before;
  for (const socket of sessions) socket.off('data', count);
  return { used: used / SECONDS, frames };
}

async function cpu() {
  const fields = (await readFile(`/proc/${service.pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function fewOfMany() {
  const few = await makeMonitors(service, pool, { topic, ...batchOfOne }, MATCHING);
  const matching = await openSessions(port, credentials, few, () => undefined);
  await load(matching);
  const alone = await load(matching);
  const others = { topic: `Event/channels/${channel + 1}/messages`, ...batchOfOne };
  const many = await makeMonitors(service, pool, others, MANY - MATCHING);
  const idle = await openSessions(port, credentials, many, () => undefined);
  await delay(3000);
  const among = await load(matching);
  const ratio = among.used / alone.used;
  report(
    `${PER_SECOND} events/s, ${MATCHING} of ${MANY} monitors match`,
    `${among.used.toFixed(0)} / ${alone.used.toFixed(0)} ms CPU a second = ${ratio.toFixed(2)}×`,
    `≤ 2× of ${MATCHING} monitors`,
    ratio <= 2 && among.frames >= SECONDS * PER_SECOND * MATCHING * 0.5,
  );
  for (const socket of [...matching, ...idle]) socket.destroy();
}
