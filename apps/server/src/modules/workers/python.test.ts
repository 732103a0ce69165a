import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NodeServer } from '@polyrelay/contract';
import { type DemoProvider, signInAt, startDemoProvider } from '@polyrelay/demo';
import { PYTHON_MISSING, type PythonWorker, pythonWithPaho, pythonWorker } from '@polyrelay/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerLocal } from '../../testing/node-servers.js';
import { registerProgram, removePrograms } from '../../testing/programs.js';
import { startService, type TestService } from '../../testing/service.js';
import { logLine, untilGone, untilNodeServer } from '../../testing/waiting.js';

const python = pythonWithPaho();
if (python === undefined) process.stderr.write(`${PYTHON_MISSING}\n`);

const CLIENT = { clientId: 'polyrelay', clientSecret: 'a secret of the provider' };
const SERVER_JSON = {
  name: 'Lamps',
  type: 'python3',
  executable: 'main.py',
  shortPoll: 1,
  longPoll: 60,
  credits: [{ title: 'Lamps', author: 'Tester', version: '1.2.3' }],
};

/** As node servers are written: on-premise module first, then the cloud's. */
const PROGRAM = `
try:
    import polyinterface
except ImportError:
    import pgc_interface as polyinterface
import sys

LOGGER = polyinterface.LOGGER

class Lamp(polyinterface.Node):
    id = 'lamp'
    drivers = [{'driver': 'ST', 'value': 0, 'uom': 51}]
    def start(self):
        LOGGER.info('started %s with %s', self.address, self.getDriver('ST'))
    def don(self, command):
        self.setDriver('ST', command.get('value', 100))
        self.reportCmd('DON')
    def dof(self, command):
        raise RuntimeError('no bulb')
    def query(self):
        LOGGER.info('queried %s', self.address)
        self.reportDrivers()
    commands = {'DON': don, 'DOF': dof}

class Controller(polyinterface.Controller):
    id = 'lamps'
    drivers = [{'driver': 'ST', 'value': 1, 'uom': 2}, {'driver': 'GV0', 'value': 0, 'uom': 56}]
    def __init__(self, polyglot):
        super().__init__(polyglot)
        self.name = 'Lamps'
        self.polls = 0
        self.poly.onConfig(self.process_config)
        self.tokens = None
    def process_config(self, config):
        self.city = config['customParams'].get('city')
    def start(self):
        LOGGER.info('version %s', self.poly.get_server_data()['version'])
        for address in ('hall', 'porch'):
            self.addNode(Lamp(self, self.address, address, address.title()))
        self.tokens = self.polyConfig['customData'].get('tokens')
        LOGGER.info('runs with %s', 'tokens' if self.tokens else 'no tokens')
        if not self.tokens:
            oauth = self.poly.init['oauth']
            self.addNotice({'auth': 'Click <a href="{}{}">here</a> to sign in'.format(oauth['url'], self.poly.worker)})
    def oauth(self, oauth):
        LOGGER.info('oauth keys %s for me: %s', sorted(oauth), oauth['state'] == self.poly.worker)
        LOGGER.info('raw %s', oauth)
        self.saveCustomData({'tokens': {'refresh_token': 'refresh-' + oauth['code']}})
        self.removeNotice('auth')
    def shortPoll(self):
        self.polls += 1
        self.setDriver('GV0', self.polls)
    def stop(self):
        LOGGER.info('stopping')
    def delete(self):
        LOGGER.info('deleted')
        print('deleted in', self.city)
    def restart(self, command):
        self.poly.restart()
    commands = {'RESTART': restart}

if __name__ == '__main__':
    try:
        polyglot = polyinterface.Interface('Lamps')
        polyglot.start()
        control = Controller(polyglot)
        control.runForever()
    except (KeyboardInterrupt, SystemExit):
        sys.exit(0)
`;
const FILES = { 'main.py': PROGRAM, 'server.json': JSON.stringify(SERVER_JSON) };

describe.skipIf(python === undefined)('a Python node server with our pgc_interface', () => {
  let service: TestService;
  let provider: DemoProvider;
  let worker: PythonWorker | undefined;
  const path = process.env.PATH;
  beforeAll(async () => {
    // The service runs the first python3 of its PATH: here, one that has paho.
    if (python?.includes('/')) process.env.PATH = `${dirname(python)}:${path}`;
    service = await startService();
    provider = await startDemoProvider({ ...CLIENT, redirectUris: [`${service.url}/api/oauth/callback`] });
  });
  afterAll(async () => {
    await worker?.remove();
    await removePrograms();
    await service.close();
    await provider.close();
    process.env.PATH = path;
  });

  const driverValue = ({ nodes }: NodeServer, address: string, driver: string) =>
    nodes[address]?.drivers[driver]?.value;
  const command = (id: string, address: string, body: object) =>
    service.call('POST', `/api/node-servers/${id}/nodes/${address}/commands`, { body, status: 202 });
  const said = (pattern: RegExp, from = 0) =>
    worker?.lines.waitFor((line) => pattern.test(line), 10_000, from);

  test('run by its author with the PGURL: nodes, values, sign-in, restart, deletion', {
    timeout: 60_000,
  }, async () => {
    const { id, pgUrl } = await registerLocal(service, {
      serverJson: SERVER_JSON,
      oauth: { url: provider.authorizationUrl, ...CLIENT },
      customParams: { city: 'Oslo' },
    });
    const run = async () => {
      worker = await pythonWorker(FILES, { PGURL: pgUrl, MQTTPORT: String(service.mqttPort) });
      return untilNodeServer(service, id, (now) => now.connected && 'porch' in now.nodes);
    };

    // Its nodes and its version are shown, and a poll moves a value.
    const shown = await run();
    expect(shown.nodes.hall).toMatchObject({ name: 'Hall', nodedefId: 'lamp', primary: 'controller' });
    await said(/version 1\.2\.3/);
    await said(/runs with no tokens/);
    await untilNodeServer(service, id, (now) => Number(driverValue(now, 'controller', 'GV0')) >= 1);

    // Commands from the dashboard; one that fails costs only itself.
    await command(id, 'hall', { cmd: 'DOF' });
    await said(/no bulb/);
    await command(id, 'hall', { cmd: 'DON', value: 40, uom: 51 });
    await untilNodeServer(service, id, (now) => driverValue(now, 'hall', 'ST') === '40');
    await service.call('POST', `/api/node-servers/${id}/nodes/porch/query`, { status: 202 });
    await said(/queried porch/);

    // Its notice leads to the provider, and the answer to its handler.
    const { items } = await service.call<{ items: { key: string; signInUrl: string }[] }>(
      'GET',
      `/api/node-servers/${id}/notices`,
    );
    expect(items.map(({ key }) => key)).toEqual(['auth']);
    const { location } = await service.call<{ location: string }>('GET', items[0]?.signInUrl ?? '', {
      status: 302,
    });
    const callback = new URL(await signInAt(location));
    await service.call('GET', callback.href.slice(service.url.length), { status: 303 });
    await said(/oauth keys \['code'.*'state'\] for me: True/);
    await untilNodeServer(service, id, ({ notices }) => Object.keys(notices).length === 0);

    // Ended by a signal it says goodbye; run again it has its values and its tokens.
    worker?.process.kill('SIGTERM');
    expect(await worker?.ended).toBe(0);
    await said(/\bstopping/);
    await untilNodeServer(service, id, ({ connected }) => !connected);
    const logs = await readFile(join(worker?.folder ?? '', 'logs/debug.log'), 'utf8');
    const printed = worker?.lines.all.map(({ message }) => message).join('\n') ?? '';
    await worker?.remove();
    const code = callback.searchParams.get('code') ?? '';
    expect(code.length).toBeGreaterThan(8);
    for (const secret of [code, CLIENT.clientSecret, 'PRIVATE KEY', 'params=']) {
      expect(logs).not.toContain(secret);
      expect(printed).not.toContain(secret);
    }
    await run();
    await said(/runs with tokens/);
    await said(/started hall with 40/);

    // A local worker ends when it is deleted.
    await service.call('DELETE', `/api/node-servers/${id}`, { status: 202 });
    await said(/deleted in Oslo/);
    expect(await worker?.ended).toBe(0);
    await untilGone(service, id);
    await worker?.remove();
  });

  test('run by the service with its wheel: restarts itself, stops, and its log is there', {
    timeout: 60_000,
  }, async () => {
    const { id } = await registerProgram(service, FILES, {
      serverJson: SERVER_JSON,
      oauth: { url: provider.authorizationUrl, ...CLIENT },
    });
    await untilNodeServer(service, id, (now) => now.connected && 'porch' in now.nodes);
    await command(id, 'porch', { cmd: 'DON' });
    await untilNodeServer(service, id, (now) => driverValue(now, 'porch', 'ST') === '100');
    await command(id, 'controller', { cmd: 'RESTART' });
    await untilNodeServer(service, id, ({ state }) => state !== 'connected');
    await untilNodeServer(service, id, ({ state }) => state === 'connected');
    expect((await logLine(service, id, /started porch with 100/)).level).toBe('info');
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    await untilNodeServer(service, id, ({ state }) => state === 'stopped');
    expect((await logLine(service, id, /^It ended with code 0/)).stream).toBe('service');
  });
});
