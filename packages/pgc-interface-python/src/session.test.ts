import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import {
  mutualTlsBroker,
  PYTHON_MISSING,
  pgcSession,
  pythonWithPaho,
  pythonWorker,
  type Requests,
  type ServicePeer,
  servicePeer,
  type TestBroker,
} from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The recorded node server, its steps told by commands so that the test has their time. */
const PROGRAM = `
import pgc_interface as polyinterface

class Light(polyinterface.Node):
    id = 'light'
    drivers = [{'driver': 'ST', 'value': 0, 'uom': 51}, {'driver': 'GV1', 'value': 20, 'uom': 17}]
    def don(self, command):
        print('DON', self.address, command['value'])
    commands = {'DON': don}

class Demo(polyinterface.Controller):
    id = 'controller'
    drivers = [{'driver': 'ST', 'value': 1, 'uom': 2}]
    def step(self, command):
        what, *rest = command['value'].split()
        if what == 'notice':
            url = self.poly.init['oauth']['url'] + self.poly.worker
            self.addNotice({'auth': 'Click <a href="' + url + '">here</a> to link your account'})
        elif what == 'params':
            self.addCustomParam({'user': 'demo'})
        elif what == 'nodes':
            for n in range(3):
                self.addNode(Light(self, self.address, 'light%d' % n, 'Light %d' % n))
        elif what == 'force':
            self.setDriver('ST', 1, force=True)
        elif what == 'set':
            for n in range(3):
                self.nodes['light%d' % n].setDriver('GV1', rest[0])
    def oauth(self, oauth):
        print('exchanging', oauth)
        self.saveCustomData({'token': 'tok-' + oauth['code']})
    def discover(self, command):
        print('DISCOVER')
    def query(self):
        print('query all')
    commands = {'STEP': step, 'DISCOVER': discover}

poly = polyinterface.Interface('Demo')
poly.start()
Demo(poly).runForever()
`;

const python = pythonWithPaho();
if (python === undefined) process.stderr.write(`${PYTHON_MISSING}\n`);

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

/** Values and units are texts or numbers on the wire; compare as the service does. */
const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'number' ? String(inner) : inner)),
  );

const ENVELOPE = {
  userId: 'user1',
  topic: 'test/ns/worker1',
  profileNum: '1',
  id: '00:00:00:00:00:01',
};

/** What the recorded node server did just before it sent that message. */
const author = async (keys: Requests): Promise<void> => {
  const step = (value: string) => service.say({ command: { address: 'controller', cmd: 'STEP', value } });
  const [status] = keys.batch?.status ?? [];
  if (keys.notices) await step('notice');
  if (keys.customparams) await step('params');
  if (keys.batch?.addnode) await step('nodes');
  if (status) await step(status.address === 'controller' ? 'force' : `set ${status.value}`);
};

/** The profile files as the recorded node server had them. */
const recordedProfile = (): Record<string, Buffer> =>
  Object.fromEntries(
    pgcSession().flatMap(({ payload }) => {
      const upload = typeof payload === 'string' ? undefined : (payload as Requests).uploadProfile;
      return upload === undefined
        ? []
        : [[`profile/${upload.type}/${upload.filename}`, Buffer.from(upload.payload, 'base64')]];
    }),
  );

describe.skipIf(python === undefined)('pgc_interface for Python', () => {
  test('speaks the recorded session of the published module, message for message', {
    timeout: 30_000,
  }, async () => {
    const worker = await pythonWorker(
      {
        'main.py': PROGRAM,
        'server.json': '{"name":"Demo","shortPoll":"4","longPoll":"9"}',
        ...recordedProfile(),
      },
      { PGURL: service.pgUrl, MQTTPORT: String(broker.port) },
    );
    let position = 0;
    let connectedSaid = 0;
    for (const { topic, payload } of pgcSession()) {
      if (topic === 'test/ns/worker1') {
        await service.say(payload as Record<string, unknown>);
        continue;
      }
      const keys = typeof payload === 'string' ? { logFile: Buffer.alloc(0) } : (payload as Requests);
      // The published module says both twice: once in its own code, once in its MQTT library's callback.
      if (keys.connected !== undefined && connectedSaid++ % 2 === 1) continue;
      await author(keys);
      const [key] = Object.keys(keys);
      const { message } = await service.requests.waitFor(
        (request) => Object.keys(request)[0] === key,
        5_000,
        position,
      );
      position = service.requests.all.findIndex((request) => request.message === message) + 1;
      if (message.logFile) expect(inflateSync(message.logFile).toString()).toContain('exchanging');
      else expect(comparable(message)).toEqual(comparable({ ...keys, ...ENVELOPE }));
    }
    expect(await worker.ended).toBe(0);
    const printed = worker.lines.all.map(({ message }) => message).join('\n');
    for (const said of ['DISCOVER', 'DON light1 40', 'query all', "exchanging {'code': '…'"])
      expect(printed).toContain(said);
    const file = await readFile(`${worker.folder}/logs/debug.log`, 'utf8');
    expect(JSON.parse(file.split('\n')[0] ?? '')).toMatchObject({
      levelname: 'INFO',
      lineno: expect.any(Number),
    });
    for (const log of [printed, file]) {
      expect(log).not.toContain('tok-abc');
      expect(log).not.toContain('PRIVATE KEY');
      expect(log).not.toContain("'abc'");
    }
    await worker.remove();
  });
});
