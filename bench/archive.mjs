// The archive of 100,000 messages, downloaded whole, against a bare COPY of the same rows into a zip with one file, which
// has no headers, names and checksums of 100,000 files to write; and what it adds to the memory of the service.
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import yazl from 'yazl';
import { median, rate, report } from './lib/figures.mjs';
import { startService } from './lib/service.mjs';

const MESSAGES = 100_000;
const ROUNDS = 7;

const service = await startService();
const client = new pg.Client({ host: service.socket, user: 'polyrelay', database: 'postgres' });
await client.connect();
const thing = await service.call('POST', '/api/things', { name: 'bench' });
await client.query(
  `INSERT INTO messages (id, thing_id, type, at, payload, bytes)
   SELECT gen_random_uuid(), $1, 'egress', now() - make_interval(secs => n), x::json, length(x) FROM generate_series(1, ${MESSAGES}) n,
     LATERAL (SELECT json_build_object('n', n, 'temperature', random() * 40, 'humidity', random(), 'place', 'greenhouse ' || n % 7,
       'note', 'all is well with the tomatoes', 'key', gen_random_uuid())::text AS x) t`,
  [thing.id],
);
await client.query('VACUUM ANALYZE messages');

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/** @returns messages a second */
async function timed(work) {
  const begun = performance.now();
  await work();
  return (MESSAGES / (performance.now() - begun)) * 1000;
}

const ours = () =>
  timed(async () => {
    const response = await new Promise((resolve, reject) =>
      get(
        `${service.url}/api/things/${thing.id}/archive`,
        { headers: { cookie: service.cookie } },
        resolve,
      ).once('error', reject),
    );
    if (response.statusCode !== 200) throw new Error(`the archive answered ${response.statusCode}`);
    await pipeline(response, nowhere());
  });

const bare = () =>
  timed(async () => {
    const zip = new yazl.ZipFile();
    const rows = client.query(
      to(
        `COPY (SELECT id, type, at, bytes, payload FROM messages WHERE thing_id = '${thing.id}' ORDER BY at, id) TO STDOUT`,
      ),
    );
    zip.addReadStream(rows, 'messages.txt', { compressionLevel: 1 });
    zip.end();
    await pipeline(zip.outputStream, nowhere());
  });

const rssMiB = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))[1]) / 1024;

// Both once before: compiled code and filled caches are not the archive's memory.
await ours();
await bare();
const before = rssMiB();
let most = before;
const watch = setInterval(() => {
  most = Math.max(most, rssMiB());
}, 20);
const rates = { ours: [], bare: [] };
for (let round = 0; round < ROUNDS; round++) {
  rates.ours.push(await ours());
  rates.bare.push(await bare());
}
clearInterval(watch);
const ratio = median(rates.ours) / median(rates.bare);
report(
  'archive of 100,000 messages, a file each',
  `${rate(median(rates.ours))} / ${rate(median(rates.bare))} = ${(ratio * 100).toFixed(0)} %`,
  '≥ 50 % of bare COPY and zip',
  ratio >= 0.5,
);
report(
  'memory it adds to the service',
  `${Math.round(most - before)} MiB (${Math.round(most)} MiB in all)`,
  '≤ 100 MiB',
  most - before <= 100,
);
await client.end();
await service.stop();
