// Driver updates: 50 workers send batches of 20 at QoS 1, with config answers and a browser's live updates on, against
// the same rows written by bare batched SQL on the same database. Then the same with 10,000 nodes in the database.
import pg from 'pg';
import { median, rate, report } from './lib/figures.mjs';
import { batchOf, startFleet } from './lib/fleet.mjs';
import { openLive } from './lib/live.mjs';
import { startService } from './lib/service.mjs';

const WORKERS = 50;
const SECONDS = 6;
/** Batches of one worker that are on their way at once. */
const IN_FLIGHT = 3;

/** Sends for some seconds. @returns acknowledged updates a second */
async function storm(fleet, nodes, rounds) {
  let acknowledged = 0;
  const until = performance.now() + SECONDS * 1000;
  const begun = performance.now();
  await Promise.all(
    fleet.workers.flatMap((worker, w) =>
      Array.from({ length: IN_FLIGHT }, async () => {
        while (performance.now() < until) {
          await worker.batch({ status: batchOf(rounds[w]++, nodes) });
          acknowledged += 20;
        }
      }),
    ),
  );
  return (acknowledged / (performance.now() - begun)) * 1000;
}

const BARE = `
WITH i AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::jsonb[]) AS i(id, value)),
u AS (UPDATE bare_drivers d SET value = i.value, changed_at = now() FROM i WHERE d.id = i.id),
h AS (INSERT INTO bare_samples SELECT id, clock_timestamp(), (value #>> '{}')::float8 FROM i)
INSERT INTO bare_events (topic, operation, payload) SELECT $3, 'UPDATE', jsonb_build_object('value', value) FROM i`;

/** The same rows without anything around them: one connection, batches of 1,000, drivers found by number. */
async function bareSql(pool) {
  await pool.query(`CREATE TABLE IF NOT EXISTS bare_drivers (id bigint PRIMARY KEY, value jsonb, changed_at timestamptz) WITH (fillfactor = 70);
    CREATE TABLE IF NOT EXISTS bare_samples (driver_id bigint, at timestamptz(3), value float8); CREATE INDEX IF NOT EXISTS bare_samples_idx ON bare_samples (driver_id, at);
    CREATE TABLE IF NOT EXISTS bare_events (id bigserial PRIMARY KEY, topic text, operation text, at timestamptz DEFAULT now(), payload jsonb);
    INSERT INTO bare_drivers SELECT n, '"0"', now() FROM generate_series(1, 3200) n ON CONFLICT DO NOTHING; ANALYZE bare_drivers`);
  const topic = 'nodeServers/00000000-0000-0000-0000-000000000000/nodes/n1/drivers/GV1';
  let written = 0;
  const begun = performance.now();
  while (performance.now() - begun < SECONDS * 1000) {
    const ids = Array.from({ length: 1000 }, (_, i) => 1 + ((written + i) % 3200));
    await pool.query({
      name: 'bare',
      text: BARE,
      values: [ids, ids.map((id) => JSON.stringify(String(written + id))), topic],
    });
    written += ids.length;
  }
  return (written / (performance.now() - begun)) * 1000;
}

const service = await startService();
const pool = new pg.Pool({ host: service.socket, user: 'polyrelay', database: 'postgres', max: 1 });
const live = await openLive(service, 'nodeServers/#');
const fleet = await startFleet(service, WORKERS, 2);
const rounds = new Array(WORKERS).fill(0);
await pool.query('ANALYZE');
await storm(fleet, 2, rounds);

const ours = [];
const bare = [];
for (let i = 0; i < 3; i++) {
  ours.push(await storm(fleet, 2, rounds));
  bare.push(await bareSql(pool));
}
const ratio = median(ours) / median(bare);
report(
  'driver updates, committed',
  `${rate(median(ours))} / ${rate(median(bare))} = ${(ratio * 100).toFixed(0)} %`,
  '≥ 30 % of bare SQL',
  ratio >= 0.3,
);

const before = { ...live.state };
for (let n = 0; n < 200; n++)
  await fleet.workers[n % WORKERS].batch({ status: batchOf(rounds[n % WORKERS]++, 2) });
const bytes = (live.state.bytes - before.bytes) / (200 * 20);
report('bytes to a dashboard per update', bytes.toFixed(0), '≤ 300', bytes <= 300);
const configs = fleet.workers.reduce(
  (sum, worker) => sum + worker.messages.filter(({ message }) => message.config).length,
  0,
);
report('configs sent meanwhile', String(configs), '');

// 9,900 more nodes, of other node servers.
await pool.query(`INSERT INTO nodes (node_server_id, address, name, nodedef_id, "primary")
    SELECT (SELECT id FROM node_servers ORDER BY id LIMIT 1), 'x' || n, 'More', 'bench', 'x' || n FROM generate_series(1, 9900) n`);
await pool.query(`INSERT INTO drivers (node_server_id, address, driver, value, uom)
    SELECT node_server_id, address, 'GV' || g, '"0"', '"56"' FROM nodes, generate_series(0, 9) g WHERE address LIKE 'x%'`);
await pool.query('ANALYZE');
// The worker of the first node server would be sent all of them: the others go on.
const id = (await pool.query('SELECT id FROM node_servers ORDER BY id LIMIT 1')).rows[0].id;
const rest = { workers: fleet.workers.filter((_, w) => fleet.nodeServers[w].id !== id) };
const few = median(ours) * (rest.workers.length / WORKERS);
const many = [];
for (let i = 0; i < 3; i++) many.push(await storm(rest, 2, rounds));
report(
  'the same with 10,000 nodes in the database',
  `${rate(median(many))} = ${((median(many) / few) * 100).toFixed(0)} %`,
  '≥ 90 %',
  median(many) / few >= 0.9,
);

live.close();
await fleet.stop();
await pool.end();
await service.stop();
