// Push monitors by the hundred, and their sessions over plain TCP (push protocol, section 3).
import { once } from 'node:events';
import { connect } from 'node:net';

/** Monitors that differ in nothing but their id. @returns the ids */
export async function makeMonitors(service, pool, settings, count) {
  const first = await service.call('POST', '/api/monitors', { transportType: 'tcp', ...settings });
  const columns = `owner_id, topic, transport_type, format_type, batch_size, batch_duration, compression, ack_option,
    auto_replay_on_connect, description, schema_type, schema_data, transport_url, transport_token, transport_method,
    transport_headers, connect_timeout, response_timeout, signing_secret`;
  const { rows } = await pool.query(
    `WITH made AS (
       INSERT INTO monitors (${columns}) SELECT ${columns} FROM monitors, generate_series(2, $2::int) WHERE id = $1
       RETURNING id
     ), progress AS (
       INSERT INTO monitor_progress (monitor_id, place)
       SELECT made.id, p.place FROM made, monitor_progress p WHERE p.monitor_id = $1
     )
     SELECT id FROM made ORDER BY id`,
    [first.id, count],
  );
  await pool.query('ANALYZE monitors, monitor_progress');
  return [first.id, ...rows.map(({ id }) => id)];
}

const short = (value) => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};

function connectionRequest({ username, password }, monitorId) {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(monitorId);
  const [user, secret] = [Buffer.from(username), Buffer.from(password)];
  const body = Buffer.concat([short(1), short(user.length), user, short(secret.length), secret, id]);
  const header = Buffer.alloc(6);
  header.writeUInt16BE(1);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body]);
}

/** Opens a session. @param onData told of what comes behind the answer */
export async function openSession(port, credentials, monitorId, onData) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(connectionRequest(credentials, monitorId));
  const [answer] = await once(socket, 'data');
  if (answer.readUInt16BE(0) !== 2 || answer.readUInt16BE(6) !== 200)
    throw new Error(`monitor ${monitorId} was refused: ${answer.toString('hex')}`);
  socket.on('data', (data) => onData(data, socket));
  return socket;
}

/** Opens sessions of many monitors, some at a time. @returns their sockets */
export async function openSessions(port, credentials, monitorIds, onData, atOnce = 16) {
  const sockets = [];
  const waiting = [...monitorIds];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
        sockets.push(await openSession(port, credentials, id, onData));
    }),
  );
  return sockets;
}

/** Acknowledges the frames in what a session was sent, which is whole frames here. @returns how many they were */
export function acknowledge(socket, data) {
  const answers = [];
  for (let at = 0; at < data.length; at += 6 + data.readUInt32BE(at + 2)) {
    const answer = Buffer.from([0, 4, 0, 0, 0, 200]);
    data.copy(answer, 2, at + 6, at + 8);
    answers.push(answer);
  }
  socket.write(Buffer.concat(answers));
  return answers.length;
}
