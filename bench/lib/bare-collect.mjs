// The bare part of collecting, in a process of its own: a Fastify route that inserts the same row in batches, nothing
// else. `node bare-collect.mjs <socket folder> <thing id>` prints its port.
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';

const [, , host, thingId] = process.argv;
const pool = new pg.Pool({ host, user: 'polyrelay', database: 'postgres', max: 2 });
await pool.query(`CREATE TABLE IF NOT EXISTS bare_messages (LIKE messages INCLUDING ALL)`);

const waiting = [];
let writing = false;

async function writeAll() {
  while (waiting.length > 0) {
    const batch = waiting.splice(0, 1000);
    await pool.query({
      name: 'bare',
      text: `INSERT INTO bare_messages (id, thing_id, type, at, payload, bytes)
        SELECT m.id, $4, 'egress', now(), m.payload, m.bytes FROM unnest($1::uuid[], $2::json[], $3::int[]) AS m(id, payload, bytes)`,
      values: [
        batch.map(({ id }) => id),
        batch.map(({ json }) => json),
        batch.map(({ json }) => json.length),
        thingId,
      ],
    });
    for (const { id, resolve } of batch) resolve({ id });
  }
  writing = false;
}

const app = Fastify();
app.post('/collect', (request) => {
  const json = JSON.stringify(request.body);
  return new Promise((resolve) => {
    waiting.push({ id: randomUUID(), json, resolve });
    if (writing) return;
    writing = true;
    setImmediate(writeAll);
  });
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${app.server.address().port}\n`);
