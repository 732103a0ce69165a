// The bare parts of channels, in a process of its own: Fastify routes that read a page of the same rows as JSON, and
// that insert what is posted into a table like the channels' own; nothing else. `node bare-channels.mjs <socket folder>`
// prints its port.
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ host: process.argv[2], user: 'polyrelay', database: 'postgres', max: 8 });
await pool.query('CREATE TABLE IF NOT EXISTS bare_channel_messages (LIKE channel_messages INCLUDING ALL)');

const app = Fastify({ bodyLimit: 8 * 1024 * 1024 });
app.get('/read', async ({ query }, reply) => {
  const { rows } = await pool.query({
    name: 'read',
    text: 'SELECT key, message::text FROM channel_messages WHERE channel_id = $1 AND key >= $2 ORDER BY key LIMIT 1000',
    values: [query.channel, query.key],
  });
  const text = rows.map(({ message }) => message).join(',');
  return reply
    .type('application/json')
    .send(`{"result":[${text}],"next_key":${Number(rows.at(-1)?.key) + 1}}`);
});

/** Inserts as fast as it goes: batches of 100 rows on each connection. @returns rows a second */
app.post('/insert', async ({ body: { seconds, connections, message } }) => {
  const column = (value) => new Array(100).fill(value);
  const json = JSON.stringify(message);
  const begun = performance.now();
  let rows = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() - begun < seconds * 1000) {
        const first = rows;
        rows += 100;
        await pool.query({
          name: 'insert',
          text: `INSERT INTO bare_channel_messages (channel_id, key, ident, timestamp, at, message, bytes)
            SELECT 1, $1 + m.n, m.ident, m.timestamp, now(), m.message, m.bytes
            FROM unnest($2::text[], $3::float8[], $4::json[], $5::int[]) WITH ORDINALITY AS m(ident, timestamp, message, bytes, n)`,
          values: [
            first,
            column(message.ident),
            column(message.timestamp),
            column(json),
            column(json.length),
          ],
        });
      }
    }),
  );
  const rate = (rows / (performance.now() - begun)) * 1000;
  await pool.query('TRUNCATE bare_channel_messages');
  return { rate };
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${app.server.address().port}\n`);
