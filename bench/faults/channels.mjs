// Row R9: eight writers that keep their transactions open, four readers that delete what they have read, 100,000
// messages. A message that no reader sees is skipped.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { appendTo } from '../../apps/server/dist/modules/channels/append.js';
import { makeChannel, messageOf, openPool, readChannel } from '../lib/channels.mjs';
import { rate, report } from '../lib/figures.mjs';
import { startService } from '../lib/service.mjs';

const WRITERS = 8;
const READERS = 4;
const POSTS = 125;
const SIZE = 100;
const TOTAL = WRITERS * POSTS * SIZE;
const LONGEST_MS = 8;

const service = await startService();
const pool = openPool(service);
const channel = await makeChannel(service, 'faults');
// Each transaction that adds messages waits at its very end.
await pool.query(`CREATE FUNCTION held_open() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_sleep(random() * ${LONGEST_MS} / 1000); RETURN NULL; END $$`);
await pool.query(`CREATE CONSTRAINT TRIGGER held_open AFTER UPDATE ON channel_heads DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION held_open()`);

const begun = performance.now();
const seen = new Map();
let disordered = 0;
let written = false;
const writers = Promise.all(Array.from({ length: WRITERS }, (_, i) => (i % 2 === 0 ? post(i) : insert(i))));
const readers = Promise.all(Array.from({ length: READERS }, (_, i) => read(i)));
await writers;
written = true;
await readers;
const seconds = (performance.now() - begun) / 1000;

const skipped = TOTAL - seen.size;
report(
  `${WRITERS} delayed writers, ${READERS} deleting readers, ${TOTAL.toLocaleString('en')} messages: skipped`,
  `${skipped} (${rate(TOTAL / seconds)})`,
  '0',
  skipped === 0,
);
report('keys that were not greater than the one before', String(disordered), '0', disordered === 0);
await pool.end();
await service.stop();

function batchOf(writer, post) {
  return Array.from({ length: SIZE }, (_, i) => messageOf((writer * POSTS + post) * SIZE + i));
}

/** A writer over HTTP. */
async function post(writer) {
  for (let n = 0; n < POSTS; n++)
    await service.call('POST', `/api/channels/${channel.id}/messages`, batchOf(writer, n));
}

/** A writer with a transaction of its own, as another replica has. */
async function insert(writer) {
  const client = new pg.Client({ host: service.socket, user: 'polyrelay', database: 'postgres' });
  await client.connect();
  for (let n = 0; n < POSTS; n++) {
    const messages = batchOf(writer, n).map((message) => {
      const json = JSON.stringify(message);
      return { ident: message.ident, timestamp: message.timestamp, json, bytes: json.length };
    });
    await client.query('BEGIN');
    await appendTo(client, () => undefined, { channel, messages });
    await delay(Math.random() * LONGEST_MS);
    await client.query('COMMIT');
  }
  await client.end();
}

/** A reader that goes on until all is written and it has seen the end. */
async function read(reader) {
  let currKey = 0;
  for (;;) {
    const last = written;
    const page = await readChannel(service, channel, {
      curr_key: currKey,
      delete: true,
      limit_count: 70 + 61 * reader,
    });
    for (const { n } of page.result) {
      if (seen.has(n)) continue;
      seen.set(n, reader);
    }
    if (page.next_key < currKey) disordered++;
    if (page.result.length === 0 && last) return;
    currKey = page.next_key;
  }
}
