import type { LogLine, NodeServer } from '@polyrelay/contract';
import { Inbox, type SimulatedWorker } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../../../testing/node-servers.js';
import { startService, type TestService } from '../../../../testing/service.js';
import { followLog } from '../../../../testing/waiting.js';

let service: TestService;
let nodeServer: NodeServer;
let worker: SimulatedWorker;
/** The worker's log, as it is followed. */
const lines = new Inbox<LogLine>();
let following: Promise<void>;

beforeAll(async () => {
  service = await startService();
  nodeServer = await registerLocal(service);
  worker = await connectWorker(service, nodeServer);
  await worker.addController();
  following = (async () => {
    for await (const line of followLog(service, nodeServer.id)) lines.put('log', line);
  })();
  await worker.waitFor(({ startLogStream }) => startLogStream !== undefined);
});
afterAll(async () => {
  await worker.stop();
  await service.close();
  await following;
});

const envelope = () => {
  const { userId, worker: id, profileNum, id: uuid } = worker.record;
  return { userId, topic: `prod/ns/${id}`, profileNum, id: uuid };
};

/** The worker is told in its log, and is still there: a later request is answered. */
async function expectRefused(send: () => Promise<void>, pattern: RegExp): Promise<void> {
  const from = lines.mark();
  const mark = worker.mark();
  await send();
  const { message } = await lines.waitFor(({ text }) => pattern.test(text), undefined, from);
  expect(message).toMatchObject({ level: 'error', stream: 'service' });
  await worker.polls(20, 200);
  await worker.waitFor(({ polls }) => polls !== undefined, undefined, mark);
}

describe('a worker that sends what it should not keeps its connection, and its log says what was wrong', () => {
  test.each([
    ['bytes that are no JSON', 'prod/ns', Buffer.from([0xff, 0x00, 0x12]), /notJson: .*not JSON/],
    ['half a message', 'prod/ns', '{"status": {"address"', /It begins with "\{\\"status\\": \{/],
    ['an array', 'prod/ns', '[1,2]', /it is not an object/],
    ['a number', 'prod/ns', '42', /not JSON: it is not an object.*42/],
    ['no envelope', 'prod/ns', '{"config":{}}', /lacks a correct userId, topic, profileNum, id/],
    ['no envelope, on the other topic', 'prod/isy', '{"report":{}}', /prod\/isy lacks a correct userId/],
  ])('%s', async (_what, topic, payload, pattern) => {
    await expectRefused(() => worker.raw(topic, payload), pattern);
  });

  test.each([
    ['userId', '00000000-0000-4000-8000-000000000000'],
    ['topic', 'prod/ns/another'],
    ['topic', 'other'],
    ['profileNum', '25'],
    ['id', '00:00:00:00:00:00'],
  ])('an envelope with another %s', async (key, value) => {
    const marker = `marker-${key}-${value}`;
    const message = JSON.stringify({ customparams: { marker }, ...envelope(), [key]: value });
    await expectRefused(
      () => worker.raw('prod/ns', message),
      /foreignEnvelope: A message on prod\/ns claims to come from another worker/,
    );
    const { customParams } = await service.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`);
    expect(customParams.marker).not.toBe(marker);
  });

  test.each([
    ['an unknown command', { reboot: {} }, /“reboot” is not a command. Known are: connected, addnode/],
    ['a name from the prototype', { constructor: {} }, /“constructor” is not a command/],
    ['connected that is no boolean', { connected: 'yes' }, /Refused connected: connected: .*boolean/],
    [
      'a node address out of grammar',
      { addnode: { address: 'Light 1', name: 'x', nodedefid: 'd', primary: 'controller' } },
      /addnode\.address: A node address has 1 to 14/,
    ],
    [
      'a driver name out of grammar',
      {
        addnode: {
          address: 'ok',
          name: 'x',
          nodedefid: 'd',
          primary: 'controller',
          drivers: { 'st; drop': { value: 1, uom: 2 } },
        },
      },
      /Refused addnode: addnode\.drivers/,
    ],
    [
      'a node without a nodedef',
      { addnode: { address: 'ok', name: 'x', primary: 'ok' } },
      /addnode\.nodedefid/,
    ],
    [
      'a status without a value',
      { status: { address: 'controller', driver: 'ST', uom: 2 } },
      /Refused status: status\.value/,
    ],
    [
      'a value that is an object',
      { status: { address: 'controller', driver: 'ST', value: {}, uom: 2 } },
      /Refused status: status\.value/,
    ],
    ['a batch that is a list', { batch: [] }, /Refused batch: batch/],
    [
      'a batch with a wrong status',
      { batch: { status: [{ address: 'controller', driver: 'bad', value: 1, uom: 2 }] } },
      /batch\.status\[0\]: driver: A driver name is upper case/,
    ],
    ['polls of no time', { polls: { shortPoll: 0, longPoll: 10 } }, /polls\.shortPoll: At least 1 second/],
    ['polls that are words', { polls: { shortPoll: 'soon', longPoll: 10 } }, /polls\.shortPoll/],
    ['parameters that are a list', { customparams: [1] }, /Refused customparams/],
    ['data that is a text', { customdata: 'text' }, /Refused customdata/],
    ['notices that are null', { notices: null }, /Refused notices/],
    ['a command out of grammar', { command: { address: 'controller', command: 'a/b' } }, /command\.command/],
    ['a text the database does not take', { customparams: { zero: '\0' } }, /Refused customparams: failed/],
  ])('%s', async (_what, keys, pattern) => {
    await expectRefused(() => worker.send(keys), pattern);
  });

  test.each([
    ['an unknown request', { reboot: 1 }, /“reboot” is not a request for the controller/],
    [
      'a profile file in a folder',
      { uploadProfile: { type: 'nls', filename: '../x', payload: '' } },
      /filename/,
    ],
    ['a profile file of no kind', { uploadProfile: { type: 'exe', filename: 'x', payload: '' } }, /type/],
    ['a report without success', { report: { requestId: 'r' } }, /report\.success/],
  ])('on the controller’s topic: %s', async (_what, keys, pattern) => {
    await expectRefused(() => worker.send(keys, 'isy'), pattern);
  });

  test('what is right beside what is wrong is done', async () => {
    await expectRefused(() => worker.send({ reboot: {}, customparams: { beside: 'wrong' } }), /“reboot”/);
    const { customParams } = await service.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`);
    expect(customParams).toEqual({ beside: 'wrong' });
  });

  test('more than 1 MiB', async () => {
    await expectRefused(
      () => worker.send({ customparams: { big: 'x'.repeat(1_100_000) } }),
      /this worker sent 11\d{5} bytes on prod\/ns; at most 1048576 are taken/,
    );
    const { customParams } = await service.call<NodeServer>('GET', `/api/node-servers/${nodeServer.id}`);
    expect(customParams).not.toHaveProperty('big');
  });

  test('a value that the database does not take harms no other worker’s', async () => {
    const others = await Promise.all(
      [1, 2, 3].map(async () => {
        const other = await registerLocal(service);
        const peer = await connectWorker(service, other);
        await peer.addController();
        return { other, peer };
      }),
    );
    const from = lines.mark();
    await Promise.all([
      worker.status('controller', 'GV1', 'zero \0 in it', 56),
      ...others.map(({ peer }) => peer.status('controller', 'GV1', 7, 56)),
      worker.status('controller', 'GV2', '9'.repeat(400), 56),
      ...others.map(({ peer }) => peer.status('controller', 'GV2', 8, 56)),
    ]);
    for (const { other, peer } of others) {
      const { nodes } = await service.call<NodeServer>('GET', `/api/node-servers/${other.id}`);
      expect(nodes.controller?.drivers).toMatchObject({ GV1: { value: 7 }, GV2: { value: 8 } });
      await peer.stop();
    }
    await lines.waitFor(({ text }) => /Refused status: failed in the service/.test(text), undefined, from);
  });
});

test('the first refusal is in the audit log, under the worker’s name, whatever the message held', async () => {
  const other = await registerLocal(service);
  const peer = await connectWorker(service, other);
  await peer.raw('prod/ns', 'half \0 a \u0007 message');
  const entry = await new Promise<unknown>((resolve) => {
    const look = async (): Promise<void> => {
      const { rows } = await service.app.database.pool.query(
        "SELECT target, detail FROM audit_entries WHERE actor = $1 AND action = 'message.refused'",
        [`worker ${other.worker}`],
      );
      if (rows[0] === undefined) setImmediate(() => void look());
      else resolve(rows[0]);
    };
    void look();
  });
  expect(entry).toEqual({
    target: 'Test',
    detail: { what: 'notJson', why: expect.stringContaining('not JSON') },
  });
  await peer.stop();
});
