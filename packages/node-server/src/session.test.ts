import { inflateSync } from 'node:zlib';
import {
  mutualTlsBroker,
  pgcSession,
  type Requests,
  type ServicePeer,
  servicePeer,
  type TestBroker,
} from '@polyrelay/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Command, Controller, Logger, Node, NodeServer, type OAuthCallback } from './index.js';

let broker: TestBroker;
let service: ServicePeer;

beforeAll(async () => {
  broker = await mutualTlsBroker();
  service = await servicePeer(broker, { answers: false });
});
afterAll(async () => {
  await service.close();
  await broker.close();
});

class Light extends Node {
  static override readonly nodedefId = 'light';
  override readonly drivers = { ST: { value: 0, uom: 51 }, GV1: { value: 20, uom: 17 } };
  override readonly commands = { DON: (command: Command) => heard.push(command.value) };
  override query() {
    heard.push(`query ${this.address}`);
  }
}

class Demo extends Controller {
  static override readonly nodedefId = 'controller';
  override readonly drivers = { ST: { value: 1, uom: 2 } };
  override readonly commands = { DISCOVER: () => heard.push('DISCOVER') };
  override query() {
    heard.push('query all');
  }
  override oauth({ code }: OAuthCallback) {
    return this.server.customData.save({ token: `tok-${code}` });
  }
}

const heard: unknown[] = [];

/** Values and units are texts or numbers on the wire; compare as the service does. */
const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'number' ? String(inner) : inner)),
  );

const withoutEnvelope = ({ userId, topic, profileNum, id, ...keys }: Record<string, unknown>) => {
  expect({ userId, topic, profileNum, id }).toEqual({
    userId: 'user1',
    topic: 'test/ns/worker1',
    profileNum: '1',
    id: '00:00:00:00:00:01',
  });
  return keys;
};

/** What the author of the recorded node server did just before it sent that message. */
const author = async (server: NodeServer, keys: Requests): Promise<void> => {
  if (keys.uploadProfile?.type === 'nodedef') await server.profile.upload();
  if (keys.polls) await server.setPolls({ shortPoll: 4, longPoll: 9 });
  if (keys.notices) {
    await server.notices.add('auth', `Click <a href="${server.oauth.link()}">here</a> to link your account`);
  }
  if (keys.customparams) await server.customParams.merge({ user: 'demo' });
  for (const { address, name } of keys.batch?.addnode ?? [])
    void server.addNode(new Light({ address, name }));
  for (const { address, driver, value } of keys.batch?.status ?? []) {
    server.nodes.get(address)?.setDriver(driver, value, { force: address === 'controller' });
  }
};

test('speaks the recorded session of the public Python module, message for message', {
  timeout: 20_000,
}, async () => {
  const log = new Logger('Test', 'error');
  let left: (code: number) => void = () => {};
  const exited = new Promise<number>((resolve) => {
    left = resolve;
  });
  const server = new NodeServer(new Demo(), { log, signals: false, profile: 'manual', exit: left });
  const folder = new URL('./testing/recorded', import.meta.url).pathname;
  const started = server.start({ pgUrl: service.pgUrl, host: broker.host, port: broker.port, folder });

  let position = 0;
  let connectedSaid = 0;
  for (const { topic, payload } of pgcSession()) {
    if (topic === 'test/ns/worker1') {
      await service.say(payload as Record<string, unknown>);
      if (typeof payload === 'object' && 'config' in payload) await started;
      continue;
    }
    const keys = typeof payload === 'string' ? { logFile: Buffer.alloc(0) } : (payload as Requests);
    // The Python module says both twice: once in its own code, once in its MQTT library's callback.
    if (keys.connected !== undefined && connectedSaid++ % 2 === 1) continue;
    await author(server, keys);
    const [key] = Object.keys(keys);
    const { message } = await service.requests.waitFor(
      (request) => Object.keys(request)[0] === key,
      5_000,
      position,
    );
    position = service.requests.all.findIndex((request) => request.message === message) + 1;
    if (message.logFile) expect(inflateSync(message.logFile).toString()).toBe('');
    else if (keys.uploadProfile) {
      const bytes = (text = '') => Buffer.from(text, 'base64').toString();
      expect(bytes(message.uploadProfile?.payload)).toBe(bytes(keys.uploadProfile.payload));
    } else {
      expect(comparable(withoutEnvelope({ ...message }))).toEqual(comparable(withoutEnvelope({ ...keys })));
    }
  }
  expect(await exited).toBe(0);
  expect(heard).toEqual(['DISCOVER', '40', 'query all']);
});
