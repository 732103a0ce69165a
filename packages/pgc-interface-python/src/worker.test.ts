import { readFileSync } from 'node:fs';
import {
  mutualTlsBroker,
  PYTHON_MISSING,
  type PythonWorker,
  pythonWithPaho,
  pythonWorker,
  type ServicePeer,
  type ServicePeerOptions,
  servicePeer,
  type TestBroker,
} from '@polyrelay/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

/** Does what a command says: \`DO\` runs its value as Python, with the controller as \`self\`. */
const PROGRAM = `
import pgc_interface, sys, threading, time

class Lamp(pgc_interface.Node):
    id = 'lamp'
    drivers = {'ST': {'value': 0, 'uom': 51}}
    def start(self):
        print('started', self.address, self.getDriver('ST'))

class Main(pgc_interface.Controller):
    def __init__(self, poly):
        super().__init__(poly)
        self.poly.onConfig(self.seen)
        time.sleep(0.3)
        self.configs = 0
    def seen(self, config):
        self.configs += 1
        print('config', sorted(config['nodes']), config['notices'])
    def start(self):
        print('start', sorted(self.poly.init['nodes']))
    def shortPoll(self):
        print('shortPoll')
    def stop(self):
        print('stop called')
    def do(self, command):
        exec(command['value'], {**globals(), 'self': self})
    def lamp(self, name):
        self.addNode(Lamp(self, self.address, name, name))
    commands = {'DO': do}

poly = pgc_interface.Interface('Test')
poly.start()
Main(poly).runForever()
`;

const python = pythonWithPaho();
if (python === undefined) process.stderr.write(`${PYTHON_MISSING}\n`);

let broker: TestBroker;
let count = 0;
const open: (() => Promise<void>)[] = [];
beforeAll(async () => {
  broker = await mutualTlsBroker();
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});
afterAll(() => broker.close());

interface Running {
  service: ServicePeer;
  worker: PythonWorker;
  /** Waits for a printed line. */
  said(pattern: RegExp, from?: number): Promise<string>;
  /** Runs Python in the controller. */
  run(code: string): Promise<void>;
}

const CONTROLLER = {
  address: 'controller',
  name: 'Main',
  nodedefid: 'controller',
  primary: 'controller',
  drivers: { ST: { value: 1, uom: 2 } },
  isController: true,
  isPrimary: true,
  timeAdded: 1,
  timeStarted: 0,
};

const start = async (
  { program = PROGRAM, ...options }: ServicePeerOptions & { program?: string } = {},
  env?: (service: ServicePeer) => Record<string, string>,
): Promise<Running> => {
  count += 1;
  const record = {
    worker: `worker${count}`,
    firstRun: false,
    customParams: {},
    notices: {},
    ...options.record,
  };
  const service = await servicePeer(broker, { ...options, record, stage: `stage${count}` });
  open.push(() => service.close());
  const { caCert, iotCert, iotPrivateKey } = service.start;
  const certs = { 'AmazonRootCA1.pem': caCert, 'iot.crt': iotCert, 'private.key': iotPrivateKey };
  const own = env?.(service) ?? { PGURL: service.pgUrl, MQTTPORT: String(broker.port) };
  const files = Object.entries(certs).map(([name, text]) => [`../certs/${name}`, text]);
  const worker = await pythonWorker(
    { 'main.py': program, ...('STAGE' in own ? Object.fromEntries(files) : {}) },
    own,
  );
  open.push(() => worker.remove());
  return {
    service,
    worker,
    said: async (pattern, from) =>
      (await worker.lines.waitFor((line) => pattern.test(line), 15_000, from)).message,
    run: (value) => service.say({ command: { address: 'controller', cmd: 'DO', value } }),
  };
};

const statuses = (service: ServicePeer, from = 0) =>
  service
    .seen('batch', from)
    .flatMap(({ status = [] }) => status.map(({ driver, value }) => `${driver}=${value}`));

describe.skipIf(python === undefined)('pgc_interface for Python', () => {
  test('the README’s node server runs as it stands there', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const program = /```py\n(import pgc_interface\n.*?)```/s.exec(readme)?.[1] ?? '';
    const { service, said } = await start({ program });
    await said(/There are 2 lamps/);
    await service.waitFor(
      'batch',
      ({ addnode }) => addnode?.map(({ address }) => address).join() === 'hall,porch',
    );
    await service.say({ command: { address: 'hall', cmd: 'DON', value: '40', uom: '51' } });
    await service.waitFor('batch', ({ status }) => status?.[0]?.value === '40');
    await service.waitFor('command', ({ command }) => command === 'DON');
  });

  test('waits for its whole record when the environment had no room for its nodes', async () => {
    const lamp = {
      ...CONTROLLER,
      address: 'lamp',
      isController: false,
      drivers: { ST: { value: '7', uom: '51' } },
    };
    const { service, said, run } = await start(
      { record: { nodes: { controller: CONTROLLER, lamp } } },
      ({ record, stage }) => ({
        NODESERVER: JSON.stringify({ ...record, nodes: { controller: CONTROLLER } }),
        STAGE: stage,
        MQTTENDPOINT: 'localhost',
        MQTTPORT: String(broker.port),
      }),
    );
    await said(/start \['controller', 'lamp'\]/);
    expect(service.seen('config')).toEqual([{}]);
    await run("self.lamp('lamp')");
    expect(await said(/started lamp/)).toMatch(/7$/);
    expect(service.seen('batch')[0]?.addnode?.[0]?.drivers).toEqual({ ST: { value: '7', uom: 51 } });
  });

  test('asks for its record when there are no nodes in it', async () => {
    const { service, said } = await start({ record: { nodes: { controller: CONTROLLER } } });
    await said(/start \['controller'\]/);
    expect(service.seen('config')).toEqual([{}]);
  });

  test('swallows no value: back to the one that the last config still shows', async () => {
    const { service, said, run } = await start({
      answers: false,
      record: { nodes: { controller: CONTROLLER } },
    });
    await service.waitFor('config');
    await service.change({});
    await said(/start \['controller'\]/);
    await run("[self.setDriver('ST', value) for value in (0, 1, 1, True, 0)]");
    await run("self.reportCmd('DON', 5, 51)");
    await service.waitFor('command');
    expect(statuses(service)).toEqual(['ST=0', 'ST=1', 'ST=0']);
  });

  test('two notices in a row, one of them a text, one removed: nothing is lost', async () => {
    const { service, said, run } = await start();
    await said(/start \[/);
    await run(
      "self.addNotice({'a': 'A'}); self.addNotice('B', 'b'); self.addNotice({'c': 'C'}); self.removeNotice('a')",
    );
    await service.waitFor('notices', (notices) => Object.keys(notices).join() === 'b,c');
    await run("self.addNotice('no key'); self.addNotice('no key'); self.removeNotice('unknown')");
    await said(/unknown not found/);
    await service.waitFor('notices', (notices) => Object.values(notices).join() === 'B,C,no key');
    await run("self.addCustomParam({'a': 1}); self.addCustomParam({'b': 2}); self.removeCustomParam('a')");
    await service.waitFor('customparams', (params) => JSON.stringify(params) === '{"b":2}');
  });

  test('a handler that fails or wants to exit costs only itself; unknown keys are no matter', async () => {
    const { service, worker, said, run } = await start({ record: { shortPoll: 1 } });
    await said(/start \[/);
    await service.say({ futureKey: { a: 1 }, userId: 'u' });
    await run("raise ValueError('first')");
    await run('sys.exit(3)');
    await said(/ValueError: first/);
    await said(/only its thread would have ended/);
    await said(/shortPoll/);
    const from = worker.lines.mark();
    await said(/shortPoll/, from);
    expect(worker.lines.all.some(({ message }) => /futureKey.*ERROR|Invalid/.test(message))).toBe(false);
  });

  test('comes back after a lost connection', async () => {
    const { service, said, run } = await start();
    await said(/start \[/);
    await broker.pause();
    await said(/MQTT disconnected/);
    const from = service.mark();
    await broker.resume();
    await service.waitFor('connected', Boolean, { from, timeoutMs: 15_000 });
    await run("threading.Thread(target=lambda: [self.setDriver('ST', n) for n in range(5, 9)]).start()");
    await service.waitFor('batch', ({ status }) => status?.at(-1)?.value === '8', { from });
  });

  test('what is set while there is no connection is sent after it, newest value only', async () => {
    const { service, said, run } = await start();
    await said(/start \[/);
    await run("self.poly.connected = False; [self.setDriver('ST', n) for n in range(5, 9)]");
    await run('self.poly.connected = True; self._outbox.wake()');
    await service.waitFor('batch', ({ status }) => status !== undefined);
    expect(statuses(service)).toEqual(['ST=8']);
  });

  test('more than 20 nodes come in several batches; a refused one is gone', async () => {
    const { service, said, run } = await start();
    await said(/start \[/);
    service.refused.set('lamp3', 'too many');
    await run("[self.lamp('lamp%d' % n) for n in range(45)]");
    await said(/started lamp44 0/);
    const sizes = service.seen('batch').flatMap(({ addnode }) => (addnode ? [addnode.length] : []));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(45);
    expect(Math.max(...sizes)).toBe(20);
    await said(/Node lamp3 was not added: too many/);
    await run("print('here', 'lamp3' in self.nodes, self.poly.getNode('lamp4')['name'])");
    await said(/here False lamp4/);
    await run("self.delNode('lamp4')");
    await service.waitFor('removenode', ({ address }) => address === 'lamp4');
  });

  test('webhooks are announced, and answered with what the handler returns', async () => {
    const { service, said, run } = await start();
    await said(/start \[/);
    await run("self.poly.subscribeWebhook(lambda r: eval(r['query']['answer']))");
    await service.requests.waitFor((request) => (request as { webhooks?: true }).webhooks === true);
    let number = 0;
    const answerTo = async (answer: string, extra: Record<string, unknown> = {}) => {
      number += 1;
      const id = `r${number}`;
      const request = {
        id,
        method: 'POST',
        path: '/x',
        headers: {},
        query: { answer },
        body: 'äh',
        ...extra,
      };
      await service.say({ webhook: request });
      const find = (message: object) =>
        (message as { webhookResponse?: { id: string } }).webhookResponse?.id === id;
      const { message } = await service.requests.waitFor(find);
      return (message as { webhookResponse?: object }).webhookResponse;
    };
    const text = { 'content-type': 'text/plain; charset=utf-8' };
    const json = { 'content-type': 'application/json' };
    expect(await answerTo("r['method'] + r['body']")).toEqual({
      id: 'r1',
      status: 200,
      headers: text,
      body: 'POSTäh',
    });
    expect(await answerTo("{'a': [1]}")).toEqual({
      id: 'r2',
      status: 200,
      headers: json,
      body: '{"a": [1]}',
    });
    const triple = { id: 'r3', status: 201, headers: { 'x-a': '1' }, body: '' };
    expect(await answerTo("(201, {'X-A': 1}, None)")).toEqual(triple);
    expect(await answerTo('None')).toEqual({ id: 'r4', status: 200, headers: {}, body: '' });
    for (const failing of ['1 / 0', '(1, 2)', 'object()', 'sys.exit(1)'])
      expect(await answerTo(failing)).toMatchObject({
        status: 500,
        body: expect.stringMatching(/could not handle/),
      });
    const bytes = (...values: number[]) => Buffer.from(values).toString('base64');
    expect(await answerTo("r['body'][::-1]", { body: bytes(0, 255, 1), encoding: 'base64' })).toEqual({
      id: 'r9',
      status: 200,
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes(1, 255, 0),
      encoding: 'base64',
    });
  });

  test('stops in time although a thread of its own goes on and its stop takes long', async () => {
    const { service, worker, said, run } = await start();
    await said(/start \[/);
    await run(
      "threading.Thread(target=lambda: time.sleep(60)).start(); self.stop = lambda: (print('slow'), time.sleep(60))",
    );
    await service.say({ stop: '' });
    await service.waitFor('connected', (connected) => !connected, { timeoutMs: 1_500 });
    expect(await worker.ended).toBe(0);
  });

  test('stops in time while the broker is away', async () => {
    const { worker, said } = await start({}, (peer) => ({ PGURL: peer.pgUrl, MQTTPORT: '1' }));
    await said(/No connection to localhost:1: .*refused/);
    worker.process.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  });

  test('what is too long for the service is not sent', async () => {
    const { service, said, run } = await start();
    await said(/start \[/);
    await run("self.saveCustomData({'a': 'x' * 1024 * 1024}); self.saveCustomData({'b': 1})");
    await said(/customdata is longer than 1048576 bytes/);
    expect(await service.waitFor('customdata')).toEqual({ b: 1 });
  });

  test('a program that fails says why, says goodbye, and ends with code 1', async () => {
    const program = PROGRAM.replace(
      'Main(poly).runForever()',
      "Main(poly); time.sleep(1); raise KeyError('lost')",
    );
    const { service, worker, said } = await start({ program });
    await said(/\[CRITICAL\] Traceback|KeyError: 'lost'/);
    await service.waitFor('connected', (connected) => !connected);
    expect(await worker.ended).toBe(1);
  });

  test.each([
    ['nothing to connect with', {}, /Neither NODESERVER nor PGURL is set/],
    ['a record that is no JSON', { NODESERVER: '{' }, /NODESERVER is not JSON/],
    ['no broker', { NODESERVER: '{"worker":"w","profileNum":"1","userId":"u","id":"i"}' }, /MQTTENDPOINT/],
    [
      'a record without a worker',
      { NODESERVER: '{"id":"i"}', MQTTENDPOINT: 'h' },
      /no profileNum and no userId and no worker/,
    ],
    [
      'no certificates',
      { NODESERVER: '{"worker":"w","profileNum":"1","userId":"u","id":"i"}', MQTTENDPOINT: 'h' },
      /certificates in .*certs cannot be used/,
    ],
    ['a port that is none', { PGURL: 'http://127.0.0.1:1/', MQTTPORT: 'x' }, /MQTTPORT must be a port/],
    ['a PGURL that is none', { PGURL: 'worker' }, /copy it whole/],
  ])('says what is missing: %s', async (_what, env, pattern) => {
    const { worker, said } = await start({}, () => env as Record<string, string>);
    await said(pattern);
    expect(await worker.ended).toBe(1);
  });
});
