import type { NodeServer, ProfileDescription } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { signIn, startService, type TestService } from '../../testing/service.js';
import { eventsBelow, logLine } from '../../testing/waiting.js';

const NODEDEFS = `<nodeDefs><nodeDef id="light" nls="LGT">
  <sts><st id="ST" editor="LEVEL"/></sts>
  <cmds><sends><cmd id="DON"/></sends><accepts><cmd id="DON"><p id="" editor="LEVEL" init="ST" optional="T"/></cmd></accepts></cmds>
</nodeDef></nodeDefs>`;
const EDITORS =
  '<editors><editor id="LEVEL"><range uom="51" min="0" max="100" step="5" nls="LVL"/></editor></editors>';
const NLS = 'ND-light-NAME = Lamp\nST-LGT-ST-NAME = Brightness\nCMD-LGT-DON-NAME = Switch on\nLVL-0 = Off\n';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function start() {
  const nodeServer: NodeServer = await registerLocal(service);
  const worker = await connectWorker(service, nodeServer);
  const describeIt = () =>
    service.call<ProfileDescription>('GET', `/api/node-servers/${nodeServer.id}/profile`);
  return { nodeServer, worker, describeIt };
}

/** With all three files. */
async function uploaded() {
  const started = await start();
  await started.worker.uploadProfile('nodedef', 'nodedefs.xml', NODEDEFS);
  await started.worker.uploadProfile('editor', 'editors.xml', EDITORS);
  await started.worker.uploadProfile('nls', 'en_us.txt', NLS);
  return started;
}

describe('profile files that a worker uploads', () => {
  test('say what its nodes are called, how values look and which commands there are', async () => {
    const { worker, describeIt } = await uploaded();
    const { nodedefs, files, problems } = await describeIt();
    const level = { id: 'LEVEL', ranges: [{ uom: '51', min: 0, max: 100, step: 5, labels: { 0: 'Off' } }] };
    expect(nodedefs.light).toMatchObject({
      id: 'light',
      name: 'Lamp',
      drivers: [{ driver: 'ST', name: 'Brightness', editor: level }],
      accepts: [
        { id: 'DON', name: 'Switch on', parameters: [{ editor: level, init: 'ST', optional: true }] },
      ],
      sends: [{ id: 'DON' }],
    });
    expect(problems).toEqual([]);
    expect(files.map(({ type, filename, bytes }) => [type, filename, bytes])).toEqual([
      ['editor', 'editors.xml', EDITORS.length],
      ['nls', 'en_us.txt', NLS.length],
      ['nodedef', 'nodedefs.xml', NODEDEFS.length],
    ]);
    await worker.stop();
  });

  test('a file of the same name replaces the earlier one, and what it said', async () => {
    const { nodeServer, worker, describeIt } = await uploaded();
    expect((await describeIt()).nodedefs.light?.name).toBe('Lamp');
    const seen = await eventsBelow(service, nodeServer.id, async () => {
      await worker.uploadProfile('nls', 'en_us.txt', 'ND-light-NAME = Lantern\n');
      await worker.uploadProfile('nls', 'de_de.txt', 'ND-other-NAME = Laterne\n');
    });
    expect(seen).toEqual([
      ['profile', 'UPDATE'],
      ['profile', 'INSERTION'],
    ]);
    const { nodedefs, files } = await describeIt();
    expect(nodedefs.light).toMatchObject({ name: 'Lantern', drivers: [{ driver: 'ST' }] });
    expect(nodedefs.light?.drivers[0]?.name).not.toBe('Brightness');
    expect(files).toHaveLength(4);
    await worker.stop();
  });

  test.each([
    ['broken XML', 'nodedef', 'bad.xml', '<nodeDefs><nodeDef id="x">'],
    ['no XML at all', 'editor', 'bad.xml', 'just text'],
    [
      'an entity bomb',
      'nodedef',
      'bomb.xml',
      '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><nodeDefs>&c;</nodeDefs>',
    ],
  ] as const)(
    '%s is a problem that names its file, and the others still count',
    async (_what, type, filename, content) => {
      const { worker, describeIt } = await uploaded();
      await worker.uploadProfile(type, filename, content);
      const { nodedefs, problems } = await describeIt();
      expect(problems.map((problem) => problem.filename)).toContain(filename);
      expect(nodedefs.light?.name).toBe('Lamp');
      await worker.stop();
    },
  );

  test('no more than 50 files are kept', async () => {
    const { nodeServer, worker, describeIt } = await start();
    for (let i = 0; i < 51; i++) await worker.uploadProfile('nls', `f${i}.txt`, 'A = B\n');
    expect((await describeIt()).files).toHaveLength(50);
    expect((await logLine(service, nodeServer.id, /uploadProfile/)).text).toContain('f50.txt was not stored');
    await worker.uploadProfile('nls', 'f0.txt', 'A = C, longer\n');
    expect((await describeIt()).files.find(({ filename }) => filename === 'f0.txt')?.bytes).toBe(14);
    await worker.stop();
  });

  test('are seen by the owner alone', async () => {
    const { nodeServer, worker } = await uploaded();
    const stranger = { email: 'stranger@example.org', password: 'a long enough password', role: 'member' };
    await service.call('POST', '/api/users', { body: stranger, status: 201 });
    const cookie = await signIn(service.url, stranger);
    for (const path of ['', '/profile', '/nodes', '/notices', '/log'])
      await service.call('GET', `/api/node-servers/${nodeServer.id}${path}`, {
        headers: { cookie },
        status: 404,
      });
    await worker.stop();
  });
});
