// Channels: pages of 1,000 messages and posts of 100 against bare parts of the same kind, a new message to the answer
// of a long poll, the memory of long polls that wait, and reading far behind the first key.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fillChannel, makeChannel, messageOf, openPool, readChannel, readUrl } from './lib/channels.mjs';
import { median, ms, quantile, rate, report } from './lib/figures.mjs';
import { startService } from './lib/service.mjs';

const ROUNDS = 3;
const SECONDS = 1.5;
const ROWS = 200_000;
const CONNECTIONS = 4;
const FAR = 10_000_000;
const WAITING = 2000;
const POLLS = 500;

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const service = await startService();
const pool = openPool(service);
const [near, far, live] = [
  await makeChannel(service, 'near'),
  await makeChannel(service, 'far'),
  await makeChannel(service, 'live'),
];
await fillChannel(pool, near, 0, ROWS);
await fillChannel(pool, far, FAR, ROWS);
await pool.query('ANALYZE channel_messages');
const bare = spawn(
  process.execPath,
  [fileURLToPath(new URL('lib/bare-channels.mjs', import.meta.url)), service.socket],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
const bareUrl = `http://127.0.0.1:${Number(String((await once(bare.stdout, 'data'))[0]))}`;
try {
  await reading();
  await farReading();
  await posting([live]);
  await posting(await Promise.all([1, 2, 3, 4].map((i) => makeChannel(service, `posts ${i}`))));
  await polling();
  await waiting();
} finally {
  agent.destroy();
  bare.kill('SIGTERM');
  await pool.end();
  await service.stop();
}

/** A request over a kept connection; what it answers is taken in and not looked at. @returns the status */
function ask(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, agent, headers }, (response) => {
      response.on('end', () => resolve(response.statusCode)).resume();
    });
    call.once('error', reject);
    call.end(body);
  });
}

/** Calls again and again over some connections. @returns answers a second */
async function load(url, options, connections = CONNECTIONS) {
  const begun = performance.now();
  let answers = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() - begun < SECONDS * 1000) {
        const status = await ask(url(answers++), options);
        if (status >= 300) throw new Error(`${url(0)} answered ${status}`);
      }
    }),
  );
  return (answers / (performance.now() - begun)) * 1000;
}

function placeOf(i) {
  return (i % (ROWS / 1000)) * 1000;
}

/** What to ask for, page after page, from a key on. */
function pagesOf(channel, base) {
  return [
    (i) => readUrl(service, channel, { curr_key: base + placeOf(i), limit_count: 1000 }),
    { headers: { authorization: channel.authorization } },
  ];
}

async function reading() {
  const bareUrlOf = (i) => `${bareUrl}/read?channel=${near.id}&key=${placeOf(i)}`;
  await load(...pagesOf(near, 0));
  await load(bareUrlOf);
  const rates = { ours: [], bare: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.ours.push(await load(...pagesOf(near, 0)));
    rates.bare.push(await load(bareUrlOf));
  }
  const ratio = median(rates.ours) / median(rates.bare);
  report(
    'pages of 1,000 messages',
    `${rate(median(rates.ours))} / ${rate(median(rates.bare))} = ${(ratio * 100).toFixed(0)} %`,
    '≥ 60 % of rows to JSON in a bare Fastify',
    ratio >= 0.6,
  );
}

async function farReading() {
  const rates = { near: [], far: [], deleted: [] };
  await load(...pagesOf(far, FAR));
  for (let round = 0; round < ROUNDS; round++) {
    rates.near.push(await load(...pagesOf(near, 0)));
    rates.far.push(await load(...pagesOf(far, FAR)));
  }
  // From the first key on, behind many rows that are deleted and not swept.
  await service.call('DELETE', `/api/channels/${near.id}/messages?before=${ROWS / 2}`);
  const first = (i) => [
    () => readUrl(service, near, { curr_key: i, limit_count: 1000 }),
    { headers: { authorization: near.authorization } },
  ];
  for (let round = 0; round < ROUNDS; round++) rates.deleted.push(await load(...first(0)));
  const ratio = median(rates.far) / median(rates.near);
  report(
    `the same at key ${FAR.toLocaleString('en')}`,
    `${rate(median(rates.far))} = ${(ratio * 100).toFixed(0)} %`,
    '≥ 85 % of key 0',
    ratio >= 0.85,
  );
  const behind = median(rates.deleted) / median(rates.near);
  report(
    `the same behind ${(ROWS / 2).toLocaleString('en')} deleted messages`,
    `${rate(median(rates.deleted))} = ${(behind * 100).toFixed(0)} %`,
    '≥ 85 % of key 0',
    behind >= 0.85,
  );
}

/**
 * Posts to some channels, several callers each, against as many connections that insert. The goal is at one channel and
 * one connection, which do the same: a channel is one stream, whose keys are in the order of commit, so it is written by
 * one transaction at a time. Several channels are shown beside several connections, and no goal is set there: what is
 * bare commits at once, while all that the service stores goes through one log of events in the order of commit, and its
 * HTTP and JSON take the processors that the connections have for themselves.
 */
async function posting(channels) {
  const body = JSON.stringify(Array.from({ length: 100 }, (_, i) => messageOf(i)));
  const headers = { authorization: live.authorization, 'content-type': 'application/json' };
  const url = (i) => `${service.url}/gw/channels/${channels[i % channels.length].id}/messages`;
  const insert = async () => {
    const response = await fetch(`${bareUrl}/insert`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seconds: SECONDS, connections: channels.length, message: messageOf(0) }),
    });
    return (await response.json()).rate;
  };
  const post = async () => 100 * (await load(url, { method: 'POST', headers, body }, 8));
  await post();
  await insert();
  const rates = { ours: [], bare: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.ours.push(await post());
    rates.bare.push(await insert());
  }
  const ratio = median(rates.ours) / median(rates.bare);
  report(
    `messages posted over HTTP to ${channels.length} channel${channels.length === 1 ? '' : 's'}, 100 at a time`,
    `${rate(median(rates.ours))} / ${rate(median(rates.bare))} = ${(ratio * 100).toFixed(0)} %`,
    channels.length === 1
      ? '≥ 50 % of bare inserts of 100 rows on 1 connection'
      : `of bare inserts of 100 rows on ${channels.length} connections`,
    channels.length === 1 ? ratio >= 0.5 : undefined,
  );
}

async function polling() {
  let { nextKey } = await service.call('GET', `/api/channels/${live.id}`);
  const times = [];
  for (let poll = 0; poll < POLLS; poll++) {
    const answered = readChannel(service, live, { curr_key: nextKey, timeout: 30 }).then((page) => {
      nextKey = page.next_key;
      return performance.now();
    });
    await delay(2);
    await service.call('POST', `/api/channels/${live.id}/messages`, messageOf(poll));
    const committed = performance.now();
    times.push((await answered) - committed);
  }
  const p99 = quantile(times, 0.99);
  report(
    'new message to the answer of a long poll, above the commit',
    `p50 ${ms(median(times))}, p99 ${ms(p99)}`,
    'p99 ≤ 20 ms',
    p99 <= 20,
  );
}

async function waiting() {
  const { nextKey } = await service.call('GET', `/api/channels/${live.id}`);
  const wait = (count) =>
    Array.from({ length: count }, () =>
      ask(readUrl(service, live, { curr_key: nextKey, timeout: 30 }), {
        headers: { authorization: live.authorization },
      }),
    );
  const memory = async () =>
    Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${service.pid}/status`, 'utf8'))[1]) / 1024;
  const before = await memory();
  const answers = wait(WAITING);
  for (let waits = 0; waits < WAITING; ) {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    waits = Number(/^polyrelay_channel_reads_waiting (\d+)/m.exec(metrics)[1]);
    await delay(50);
  }
  const added = (await memory()) - before;
  const woken = performance.now();
  await service.call('POST', `/api/channels/${live.id}/messages`, messageOf(0));
  await Promise.all(answers);
  const took = performance.now() - woken;
  report(
    `memory of ${WAITING.toLocaleString('en')} long polls that wait`,
    `${added.toFixed(0)} MB`,
    '≤ 60 MB',
    added <= 60,
  );
  report('all of them answered after a new message', ms(took), '');
}
