import { writeFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { PushPeer, pushFrameVectors, testAuthority } from '@polyrelay/testkit';
import { expect, test } from 'vitest';
import { usePushClient } from './testing/setup.js';

const parts = usePushClient();
const payload = pushFrameVectors().publishMessage[0]?.payload ?? '';
const event = JSON.parse(payload).Document.Msg;

test('finds, deletes, makes, prints, and deletes at the end', async () => {
  const { peer } = parts;
  peer.monitors.set(5, { monTopic: 'DeviceCore' }).set(6, { monTopic: 'DataPoint' });
  const running = parts.start(['alice']);
  const connection = await peer.connection(0);
  await running.said('listens to monitor 178008');
  expect(peer.monitors.get(178_008)).toEqual({
    monTopic: 'DeviceCore',
    monBatchSize: '1',
    monBatchDuration: '60',
    monFormatType: 'json',
    monTransportType: 'tcp',
    monCompression: 'gzip',
  });
  expect([...peer.monitors.keys()]).toEqual([6, 178_008]);
  connection.send({ blockId: 1, payload: deflateSync(payload), compression: 1 });
  await peer.until(() => connection.acknowledged.length === 1);
  const { code, out, err } = await running.kill('SIGINT');
  expect(JSON.parse(out)).toEqual(JSON.parse(payload));
  expect(out).toContain('\n        "Msg": {\n');
  expect(err).toContain('deleted monitor 5, which had the same topics');
  expect(err).toContain('deleted monitor 178008');
  expect([code, [...peer.monitors.keys()]]).toEqual([0, [6]]);
  expect(connection.closed).toBe(true);
});

test('options by their short names; a line of JSON for each event of JSON, XML and templates', async () => {
  const { peer } = parts;
  const short = ['-t', 'DeviceCore,DataPoint', '-c', 'none', '-f', 'xml', '-b', '7', '-d', '0'];
  const running = parts.start(
    ['alice', peer.password, ...short, '--raw', '--explicit', '--replay', '--short-ack'],
    {
      PUSH_PASSWORD: 'another',
    },
  );
  const connection = await peer.connection(0);
  expect([...peer.monitors.values()]).toEqual([
    {
      monTopic: 'DeviceCore,DataPoint',
      monBatchSize: '7',
      monBatchDuration: '0',
      monFormatType: 'xml',
      monTransportType: 'tcp',
      monCompression: 'none',
      monAckOption: 'explicit',
      monAutoReplayOnConnect: 'true',
    },
  ]);
  const xml = '<Document><Msg><topic>a</topic></Msg><Msg><topic>b</topic></Msg></Document>';
  connection.send({ blockId: 1, payload: xml, format: 0, count: 2 });
  connection.send({ blockId: 2, payload: JSON.stringify({ Document: { Msg: [event] } }) });
  connection.send({ blockId: 3, payload: 'the "temperature"\nis 21' });
  await peer.until(() => connection.acknowledged.length === 3);
  const { code, out } = await running.kill('SIGTERM');
  const lines = out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { topic: 'a' },
    { topic: 'b' },
    event,
    'the "temperature"\nis 21',
  ]);
  expect(connection.acknowledged[0]).toEqual({ blockId: 1, status: 200, short: true });
  expect([code, peer.monitors.size]).toEqual([0, 0]);
});

test('the service goes away and comes back: it goes on; away at the end, it says what is left', async () => {
  const { peer } = parts;
  await peer.down();
  const running = parts.start(['alice', '--raw']);
  await running.said('Does the service run');
  await peer.up();
  await running.said('listens to monitor');
  const { socket } = await peer.connection(0);
  socket.destroy();
  const second = await peer.connection(1);
  second.send({ blockId: 1, payload });
  await running.said(event.topic);
  await peer.down();
  running.child.kill('SIGTERM');
  await running.said('SIGTERM: stops');
  const { code, err } = await running.ended();
  expect(err).toContain('Monitor 178008 could not be deleted');
  expect(code).toBe(75);
});

test('a second signal ends it at once, and says what is left', async () => {
  const { peer } = parts;
  const running = parts.start(['alice']);
  await running.said('listens to monitor');
  // The deletion is not answered.
  peer.faults.push(() => {});
  running.child.kill('SIGINT');
  await peer.until(() => peer.calls.at(-1)?.startsWith('DELETE') === true);
  const { code, err } = await running.kill('SIGINT');
  expect([code, err]).toEqual([130, expect.stringContaining('Monitor 178008 is still there.')]);
});

test('a monitor that is there is used and left there; nothing is asked of the REST API', async () => {
  const { peer } = parts;
  peer.monitors.set(5, { monTopic: 'DeviceCore' });
  const running = parts.start(['alice', '--monitor', '5']);
  await running.said('listens to monitor 5');
  expect((await running.kill('SIGTERM')).code).toBe(0);
  expect([peer.calls, peer.monitors.size]).toEqual([[], 1]);
});

test('--keep uses what is there, and leaves what it made', async () => {
  const { peer } = parts;
  for (const said of ['made monitor 178008', 'uses monitor 178008']) {
    const running = parts.start(['alice', '--keep']);
    await running.said(said);
    await running.said('listens to monitor 178008');
    expect((await running.kill('SIGTERM')).code).toBe(0);
    expect([...peer.monitors.keys()]).toEqual([178_008]);
  }
});

test('whoever reads stdout has gone: it ends, its monitor deleted', async () => {
  const { peer } = parts;
  const running = parts.start(['alice', '--raw']);
  const connection = await peer.connection(0);
  await running.said('listens to monitor');
  running.child.stdout?.destroy();
  connection.send({ blockId: 1, payload });
  expect((await running.ended()).code).toBe(0);
  expect(peer.monitors.size).toBe(0);
});

test.each([
  [['alice', '--format', 'yaml'], 64, 'use json or xml'],
  [['alice', '--batchsize', '0'], 64, 'from 1 to 1000'],
  [['alice', '--nonsense'], 64, "Unknown option '--nonsense'"],
  [['alice', 's3cret', 'more'], 64, 'more behind the password'],
  [['--raw'], 64, 'the user is missing'],
  [['alice', '--ca', 'nothing.pem'], 64, 'the file of --ca cannot be read'],
  [['alice', '--ca-fingerprint', 'AB'], 64, '--ca-fingerprint goes with --ca-from'],
  [['bob'], 69, 'does not know the user bob'],
  [['alice', '-t', 'Nonsense'], 69, 'Invalid monTopic specified'],
  [['alice', '--monitor', '99'], 69, 'refuses monitor 99 (400)'],
])('%j ends with %d', async (args, code, message) => {
  const { err, ...ended } = await parts.start(args).ended();
  expect([ended.code, err]).toEqual([code, expect.stringContaining(message)]);
  expect(err).not.toContain('s3cret');
});

test('no password, none in the command line', async () => {
  const { code, err } = await parts.start(['alice'], { PUSH_PASSWORD: '' }).ended();
  expect([code, err]).toEqual([64, expect.stringContaining('PUSH_PASSWORD')]);
  await writeFile(parts.path('password'), `${parts.peer.password}\n`);
  const running = parts.start(['alice', '--password-file', 'password'], { PUSH_PASSWORD: '' });
  await running.said('listens to monitor');
  expect((await running.kill('SIGTERM')).code).toBe(0);
});

test('a monitor deleted by somebody else ends it', async () => {
  const { peer } = parts;
  const running = parts.start(['alice']);
  await running.said('listens to monitor');
  peer.monitors.clear();
  (await peer.connection(0)).socket.end();
  const { code, err } = await running.ended();
  expect([code, err]).toEqual([69, expect.stringContaining('refuses monitor 178008 (400)')]);
  expect(err).toContain('monitor 178008 was deleted before');
});

test('over TLS with the CA fetched from the service', async () => {
  const authority = await testAuthority();
  const tls = await authority.issue('push', { ip: ['127.0.0.1'] });
  const peer = await PushPeer.start({ tls, caPem: authority.caCert });
  try {
    const command = `exec "${process.execPath}" push-client.mjs alice --url ${peer.url} --port ${peer.port}`;
    const running = parts.shell(`${command} --ca-from ${peer.url}/api/ca.pem`);
    await running.said(/trusts the CA with the fingerprint ([\dA-F]{2}:){31}/);
    await running.said('listens to monitor');
    expect((await running.kill('SIGTERM')).code).toBe(0);
    const { code, err } = await parts.shell(command).ended();
    expect([code, err]).toEqual([69, expect.stringContaining('--ca-from')]);
    expect(peer.monitors.size).toBe(0);
  } finally {
    await peer.close();
  }
});
