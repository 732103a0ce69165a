import pg from 'pg';

/** A message as a tracker sends it. */
export const messageOf = (i) => ({
  ident: `tracker-${i % 100}`,
  timestamp: 1_790_000_000 + i / 10,
  'position.latitude': 54.68916 + (i % 1000) / 1e5,
  'position.longitude': 25.2798,
  'position.speed': i % 120,
  'battery.level': i % 100,
  'engine.ignition.status': i % 2 === 0,
  n: i,
});

/** Makes a channel. @returns it, with the header of a token that reads it */
export async function makeChannel(service, name) {
  const channel = await service.call('POST', '/api/channels', { name });
  const { token } = await service.call('POST', '/api/access-tokens', { name: `token of ${name}` });
  return { ...channel, authorization: `FlespiToken ${token}` };
}

/** Fills an empty channel with messages from a key on, as if those before had been and gone. */
export async function fillChannel(pool, { id }, firstKey, count) {
  await pool.query(
    `INSERT INTO channel_messages (channel_id, key, ident, timestamp, at, message, bytes)
     SELECT $1, $2::bigint + i, 'tracker-' || i % 100, 1790000000 + i, now(), m.text::json, length(m.text)
     FROM generate_series(0, $3::int - 1) i, LATERAL (SELECT json_build_object('ident', 'tracker-' || i % 100,
       'timestamp', 1790000000 + i, 'position.latitude', 54.68916, 'position.longitude', 25.2798, 'position.speed', i % 120,
       'battery.level', i % 100, 'engine.ignition.status', true, 'n', i)::text AS text) m`,
    [id, firstKey, count],
  );
  await pool.query('UPDATE channel_heads SET next_key = $2, last_at = now() WHERE channel_id = $1', [
    id,
    firstKey + count,
  ]);
  await pool.query('UPDATE channel_tails SET first_key = $2, deleted_messages = $2 WHERE channel_id = $1', [
    id,
    firstKey,
  ]);
}

export const readUrl = (service, { id }, data) =>
  `${service.url}/gw/channels/${id}/messages?data=${encodeURIComponent(JSON.stringify(data))}`;

/** Reads as a receiver does. @throws when the answer is not a page */
export async function readChannel(service, channel, data) {
  const response = await fetch(readUrl(service, channel, data), {
    headers: { authorization: channel.authorization },
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`reading answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

export const openPool = (service, max = 1) =>
  new pg.Pool({ host: service.socket, user: 'polyrelay', database: 'postgres', max });
