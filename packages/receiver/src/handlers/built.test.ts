import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { messageOfWialon, WialonDecoder } from '@polyrelay/codecs/wialon';
import { mutualTlsBroker } from '@polyrelay/testkit';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { useReceiver } from '../testing/setup.js';

const parts = useReceiver();
const COUNT = 600;

/** What the bundler makes of the clients of mqtt and PostgreSQL shows only in the built file. */
test('mqtt, wialon and postgres in one built receiver: killed in the middle, each has every message', async () => {
  const published: string[] = [];
  const broker = await mutualTlsBroker();
  broker.aedes.on('publish', ({ topic, payload }) => {
    if (topic.startsWith('tracker-')) published.push(payload.toString());
  });
  const { cert, key } = await broker.authority.issue('receiver');
  const files = { 'ca.pem': broker.authority.caCert, 'own.crt': cert, 'own.key': key };
  for (const [name, text] of Object.entries(files)) await writeFile(parts.path(name), text);

  const packets: unknown[] = [];
  let look = (): void => undefined;
  const wialon = createServer((socket) => {
    const decoder = new WialonDecoder((packet) => {
      packets.push(messageOfWialon(packet).n);
      socket.write(Uint8Array.of(0x11));
      look();
    });
    socket.on('data', (piece) => decoder.push(piece)).on('error', () => undefined);
  });
  wialon.listen(0, '127.0.0.1');
  await once(wialon, 'listening');
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      look = () => new Set(packets).size >= count && resolve();
      look();
    });

  const host = new URL(inject('databaseUrl' as never) as string).searchParams.get('host') ?? '';
  const name = `test_${randomBytes(8).toString('hex')}`;
  const admin = new pg.Client({ host, user: 'polyrelay', database: 'postgres' });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = `postgresql://polyrelay@localhost/${name}?host=${encodeURIComponent(host)}`;

  parts.channel.add(COUNT);
  const { port } = wialon.address() as AddressInfo;
  const args = [
    ...['--channel', '1', '--limit-count', '50', '--retry-delay', '0.05'],
    ...[
      '--handler',
      'mqtt',
      '--endpoint',
      'localhost',
      '--port',
      String(broker.port),
      '--root-ca-path',
      'ca.pem',
    ],
    ...['--certificate-path', 'own.crt', '--private-key-path', 'own.key'],
    ...['--handler', 'wialon', '--host', '127.0.0.1', '--port', String(port)],
    ...['--handler', 'postgres', '--url', url],
  ];
  const first = parts.start(args);
  await until(COUNT / 2 - 20);
  await first.kill('SIGKILL');
  const second = parts.start(args);
  await until(COUNT);
  const { code, err } = await second.kill('SIGTERM');
  expect(err).toContain(`curr_key=${COUNT}`);
  expect(code).toBe(0);

  const all = Array.from({ length: COUNT }, (_, n) => n);
  const inOrder = (numbers: unknown[]) => [...new Set(numbers)].toSorted((a, b) => Number(a) - Number(b));
  expect(inOrder(packets)).toEqual(all);
  expect(inOrder(published.map((text) => JSON.parse(text).n))).toEqual(all);
  expect(new Set(published)).toEqual(new Set(parts.channel.messages));
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(
    `SELECT key::int, (message->>'n')::int n FROM channel_messages ORDER BY key`,
  );
  expect(rows).toEqual(all.map((n) => ({ key: n, n })));
  await client.end();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
  await broker.close();
  wialon.close();
});
