// Rules: how many driver values a second a rule that takes all routes into a channel, and how much that slows the
// updates themselves: one service, with no rule and with one in turn.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { median, rate, report } from './lib/figures.mjs';
import { batchOf, startFleet } from './lib/fleet.mjs';
import { startService } from './lib/service.mjs';

const WORKERS = 20;
const SECONDS = 4;
const ROUNDS = 3;
/** Batches of one worker that are on their way at once. */
const IN_FLIGHT = 3;

const service = await startService();
const pool = new pg.Pool({ host: service.socket, user: 'polyrelay', database: 'postgres', max: 1 });
const fleet = await startFleet(service, WORKERS, 2);
const rounds = new Array(WORKERS).fill(0);

/** Sends for some seconds. @returns acknowledged updates, and how long it took in s */
async function storm() {
  let acknowledged = 0;
  const begun = performance.now();
  const until = begun + SECONDS * 1000;
  await Promise.all(
    fleet.workers.flatMap((worker, w) =>
      Array.from({ length: IN_FLIGHT }, async () => {
        while (performance.now() < until) {
          await worker.batch({ status: batchOf(rounds[w]++, 2) });
          acknowledged += 20;
        }
      }),
    ),
  );
  return { acknowledged, seconds: (performance.now() - begun) / 1000, begun };
}

const owner = (await pool.query('SELECT id FROM users')).rows[0].id;
const { id } = (
  await pool.query("INSERT INTO channels (owner_id, name) VALUES ($1, 'bench') RETURNING id", [owner])
).rows[0];
await pool.query('INSERT INTO channel_heads (channel_id) VALUES ($1)', [id]);
await pool.query('INSERT INTO channel_tails (channel_id) VALUES ($1)', [id]);
const path = `/api/channels/${id}/rules`;
const source = { kind: 'nodeServers', nodeServers: 'all' };
const rule = await service.call('POST', path, { source, enabled: false });
const setEnabled = (enabled) => service.call('PATCH', `${path}/${rule.id}`, { enabled });
const added = async () => (await service.call('GET', `${path}/${rule.id}`)).added;

/** With the rule on: until the last value is in the channel. @returns values routed a second, and the longest wait */
async function routed() {
  await setEnabled(true);
  const before = await added();
  const { acknowledged, seconds, begun } = await storm();
  const ended = performance.now();
  while ((await added()) - before < acknowledged) await delay(5);
  const all = performance.now();
  await setEnabled(false);
  return { updates: acknowledged / seconds, routes: (acknowledged / (all - begun)) * 1000, lag: all - ended };
}

await storm();
await routed();
const without = [];
const withRule = [];
for (let i = 0; i < ROUNDS; i++) {
  const { acknowledged, seconds } = await storm();
  without.push(acknowledged / seconds);
  withRule.push(await routed());
}
const plain = median(without);
const beside = median(withRule.map(({ updates }) => updates));
report('driver updates a second, no rule', rate(plain), '');
report(
  'the same while a rule takes them all',
  `${rate(beside)} = ${((beside / plain) * 100).toFixed(0)} %`,
  '',
);
report(
  'values routed into the channel',
  rate(median(withRule.map(({ routes }) => routes))),
  'as fast as they come',
);
report(
  `behind after ${SECONDS} s`,
  `${(median(withRule.map(({ lag }) => lag)) / 1000).toFixed(2)} s`,
  `≤ ${SECONDS / 4} s`,
  median(withRule.map(({ lag }) => lag)) <= (SECONDS * 1000) / 4,
);

await fleet.stop();
await pool.end();
await service.stop();
