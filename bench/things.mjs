// Things: how long creating them blocks the service's event loop, and a page of 10,000 of them in any order.
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import pg from 'pg';
import { median, ms, quantile, report } from './lib/figures.mjs';
import { startService } from './lib/service.mjs';

const CREATIONS = 20;
const THINGS = 10_000;
const PAGE = 100;
const ROUNDS = 15;
/** What the monitor of the event loop waits between its looks: part of every figure it gives. */
const PRECISION_MS = 10;

const newKeyPair = promisify(generateKeyPair);
const service = await startService();
const pool = new pg.Pool({ host: service.socket, user: 'polyrelay', database: 'postgres', max: 1 });

/** The longest the event loop was held up since it was last asked, in ms. */
async function longestBlock() {
  const response = await fetch(`${service.url}/metrics`, { headers: { cookie: service.cookie } });
  const found = /^polyrelay_nodejs_eventloop_lag_max_seconds ([\d.e-]+)/m.exec(await response.text());
  return Number(found[1]) * 1000 - PRECISION_MS;
}

/** The same work beside the service: what it alone does to the event loop of a busy machine. */
const keysElsewhere = () =>
  Promise.all(
    [1, 2].map(async () => {
      for (let i = 0; i < CREATIONS / 2; i++) await newKeyPair('rsa', { modulusLength: 2048 });
    }),
  );

// Compiled code: what is created in the first second of a service's life is not what is meant.
for (let i = 0; i < 10; i++) await service.call('POST', '/api/things', { name: `warm-${i}` });
const [blocks, elsewhere, times] = [[], [], []];
for (let round = 0; round < 3; round++) {
  await longestBlock();
  await keysElsewhere();
  elsewhere.push(await longestBlock());
  const creations = Array.from({ length: CREATIONS }, async (_, i) => {
    const begun = performance.now();
    await service.call('POST', '/api/things', { name: `bench-${round}-${i}` });
    times.push(performance.now() - begun);
  });
  await Promise.all(creations);
  blocks.push(await longestBlock());
}
report(
  `event loop held up by ${CREATIONS} creations at once`,
  `${ms(median(blocks))} (${ms(median(elsewhere))} keys alone)`,
  '≤ 20 ms, or no more than that',
  median(blocks) <= Math.max(20, median(elsewhere)),
);
report('one of them, the slowest', ms(quantile(times, 1)), '');

// As wide as real ones.
await pool.query(
  `
  INSERT INTO things (owner_id, name, type, certificate, certificate_id, public_key, private_key, created_at)
  SELECT u.id, left(u.id::text, 8) || '-row-' || n, 'RaspberryPi', random_text(1100), md5(n::text), random_text(450),
         convert_to(random_text(1750), 'UTF8'), now() - n * interval '1 second'
  FROM users u, generate_series(1, ${THINGS}) n`.replaceAll(
    /random_text\((\d+)\)/g,
    "(SELECT left(string_agg(md5(n || ' ' || k || random()), ''), $1) FROM generate_series(1, 55) k)",
  ),
);
await pool.query(`
  INSERT INTO thing_activity (thing_id, connected, last_seen_at, collected, published)
  SELECT id, random() < 0.1, now() - random() * interval '1 day', random() * 100000, random() * 100 FROM things
  ON CONFLICT DO NOTHING`);
await pool.query('ANALYZE things; ANALYZE thing_activity');

const timed = async (query) => {
  const begun = performance.now();
  const answer = await service.call('GET', `/api/things${query}`);
  return { took: performance.now() - begun, answer };
};

const [first, hundredth] = [[], []];
let slowest = { took: 0 };
for (const sort of ['name', 'createdAt', 'lastSeenAt', 'collected', 'published']) {
  let query = `?limit=${PAGE}&sort=${sort}`;
  const begin = query;
  for (let page = 1; page < 100; page++) {
    const { nextCursor } = (await timed(query)).answer;
    query = `${begin}&cursor=${nextCursor}`;
  }
  const figures = { begin: [], end: [] };
  for (let round = 0; round < ROUNDS; round++) {
    figures.begin.push((await timed(begin)).took);
    figures.end.push((await timed(query)).took);
  }
  first.push(median(figures.begin));
  hundredth.push(median(figures.end));
  for (const took of [median(figures.begin), median(figures.end)])
    if (took > slowest.took) slowest = { took, what: `by ${sort}` };
}
for (const [what, query] of [
  ['what nothing matches', `?limit=${PAGE}&search=nowhere`],
  ['what is connected, by name', `?limit=${PAGE}&status=connected`],
  ['what is disabled, of which there is none', `?limit=${PAGE}&status=disabled`],
  ['counts', '/counts'],
]) {
  const took = [];
  for (let round = 0; round < ROUNDS; round++) took.push((await timed(query)).took);
  if (median(took) > slowest.took) slowest = { took: median(took), what };
}
report(
  `page of ${PAGE} of ${THINGS.toLocaleString('en')} things, the slowest order`,
  `${ms(slowest.took)} (${slowest.what})`,
  '≤ 50 ms',
  slowest.took <= 50,
);
const ratio = median(hundredth.map((took, i) => took / first[i]));
report(
  'page 100 against page 1, over all orders',
  `${ms(median(hundredth))} / ${ms(median(first))} = ${ratio.toFixed(2)}`,
  '≤ 1.5',
  ratio <= 1.5,
);

await pool.end();
await service.stop();
