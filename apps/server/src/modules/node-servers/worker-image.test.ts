import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeServer } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerArguments, hasPrograms } from '../../testing/fake-container.js';
import { registerLocal } from '../../testing/node-servers.js';
import { programFolder, removePrograms, TINY_WORKER } from '../../testing/programs.js';
import { startService, type TestService } from '../../testing/service.js';
import { type SourceProcess, startProcess } from '../../testing/source-process.js';
import { untilNodeServer } from '../../testing/waiting.js';
import { zip } from '../../testing/zip.js';

const START = fileURLToPath(new URL('../../../../../docker/worker/start.sh', import.meta.url));

/** Says what it sees, then is a worker. */
const PROGRAM = `
import * as fs from 'node:fs';
fs.writeFileSync('state.txt', 'it may write');
console.log('SEES ' + [process.cwd(), process.getuid(), process.env.PGURL, fs.readFileSync('installed.txt', 'utf8').trim(),
  (fs.statSync('/app/certs/private.key').mode & 0o777).toString(8), fs.readdirSync('/app').filter((name) => !name.startsWith('.')).sort(), process.env.HOME].join(' '));
${TINY_WORKER}`;

const NODE = {
  'server.json': JSON.stringify({
    name: 'I',
    type: 'node',
    executable: 'main.mjs',
    install_cloud: 'install.sh',
  }),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
  'install.sh': 'echo "installed in $PWD, PGURL ${PGURL:-hidden}" > installed.txt\n',
  'main.mjs': PROGRAM,
  'package.json': '{"name":"i","version":"1.0.0"}',
};

const PYTHON = {
  'server.json': '{"name":"P","type":"python3","executable":"main.py"}',
  'main.py':
    'import os, pgc_interface\nprint("PYTHON", pgc_interface.WORD, open("/app/certs/iot.crt").read(27), os.environ["STAGE"])\n',
};

const isConnected = ({ connected, nodes }: NodeServer): boolean => connected && 'controller' in nodes;

describe.skipIf(!hasPrograms('bwrap', 'curl', 'git', 'jq'))('the start script of the worker images', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(async () => {
    await removePrograms();
    await service.close();
  });

  const start = (env: Record<string, string>, binds: Record<string, string> = {}): SourceProcess => {
    const [command = '', ...args] = containerArguments(binds, START, []);
    return startProcess(command, args, '/', env);
  };
  const local = async (files: Record<string, string>, env: Record<string, string>): Promise<SourceProcess> =>
    start({ LOCAL: 'true', ...env }, { '/app/template': await programFolder(files) });

  test('LOCAL=true runs the mounted code: laid out, installed, connected', async () => {
    const { id, pgUrl } = await registerLocal(service);
    const container = await local(NODE, { PGURL: pgUrl });
    await container.printed(/^\+ echo/m);
    const [line] = await container.printed(/^SEES .*/m);
    expect(line).toBe(
      'SEES /app/nodeserver 65534  installed in /app/nodeserver, PGURL hidden 600 certs,logs,nodeserver,template /app',
    );
    await untilNodeServer(service, id, isConnected);
    await service.call('POST', `/api/node-servers/${id}/stop`, { status: 202 });
    expect((await container.ended).code).toBe(0);
  });

  test('else it clones the repository', async () => {
    const folder = await programFolder(NODE);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder });
    git('init', '--quiet', '-b', 'main');
    git('add', '.');
    git('commit', '--quiet', '-m', 'one');
    git('tag', 'v1');
    writeFileSync(join(folder, 'main.mjs'), 'console.log("the newest")');
    git('commit', '--quiet', '-am', 'two');
    const { id, pgUrl } = await registerLocal(service);
    // The repository belongs to another user than the one inside.
    const config = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };
    const env = { PGURL: pgUrl, NODE_SERVER_URL: `file://${folder}`, ...config };
    const refused = await start(env).ended;
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringContaining("transport 'file' not allowed"),
    });
    const newest = await start({ ...env, GIT_ALLOW_PROTOCOL: 'file' }).ended;
    expect(newest).toMatchObject({ code: 0, output: expect.stringContaining('the newest') });
    const container = start({ ...env, GIT_ALLOW_PROTOCOL: 'file', NODE_SERVER_REF: 'v1' });
    await untilNodeServer(service, id, isConnected);
    container.child.kill('SIGKILL');
    await container.ended;
  });

  test.skipIf(!hasPrograms('python3'))('a Python node server gets its interface module', async () => {
    const wheels = await programFolder({});
    const wheel = 'pgc_interface-9.9.9-py3-none-any.whl';
    const info = 'pgc_interface-9.9.9.dist-info';
    writeFileSync(
      join(wheels, wheel),
      zip([
        { name: 'pgc_interface.py', content: 'WORD = "from the wheel"\n' },
        { name: `${info}/METADATA`, content: 'Metadata-Version: 2.1\nName: pgc_interface\nVersion: 9.9.9\n' },
        { name: `${info}/WHEEL`, content: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' },
        { name: `${info}/RECORD`, content: '' },
      ]),
    );
    const { pgUrl } = await registerLocal(service);
    // Itself, where what is on the PATH is a shim.
    const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
    const env = {
      PATH: `${dirname(python)}:${process.env.PATH}`,
      PGURL: pgUrl,
      PIP_NO_INDEX: '1',
      PIP_BREAK_SYSTEM_PACKAGES: '1',
    };
    const { code, output } = await (await local(PYTHON, { ...env, PGC_INTERFACE: join(wheels, wheel) }))
      .ended;
    expect(output).toContain('PYTHON from the wheel -----BEGIN CERTIFICATE----- prod');
    expect(output).toContain('published Python modules always use 8883');
    expect(code).toBe(0);
    // The image brings it along: nothing is installed then.
    const module = await programFolder({ 'pgc_interface.py': 'WORD = "from the image"\n' });
    const present = await (await local(PYTHON, { ...env, PYTHONPATH: module })).ended;
    expect(present.output).toContain('PYTHON from the image');
    expect(present.output).not.toContain('Installing');
    const missing = await (await local(PYTHON, env)).ended;
    expect(missing).toMatchObject({
      code: 1,
      output: expect.stringContaining('pgc_interface could not be installed'),
    });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['has no server.json', { 'main.mjs': '' }, /no server\.json in \/app\/template: mount the folder/],
    ['has a broken server.json', { 'server.json': '{"type":' }, /server\.json is not a JSON object/],
    [
      'is of another type',
      { 'server.json': '{"type":"ruby"}' },
      /server\.json: type: must be "python3", "python" or "node"/,
    ],
    [
      'names a program outside',
      { 'server.json': '{"type":"node","executable":"../../etc/passwd"}' },
      /executable: “\.\.\/\.\.\/etc\/passwd” must be a path inside/,
    ],
    [
      'names a program that is not there',
      { 'server.json': '{"type":"node","executable":"a.js"}' },
      /executable: “a\.js” is not in/,
    ],
    [
      'fails in install_cloud',
      { ...NODE, 'install.sh': 'false\necho on\n' },
      /\+ false\n\[polyrelay\] install\.sh failed/,
    ],
  ])('code that %s ends it with a message', async (_name, files, message) => {
    const { pgUrl } = await registerLocal(service);
    const { code, output } = await (await local(files, { PGURL: pgUrl })).ended;
    expect(output).toMatch(message);
    expect(code).toBe(1);
  });

  test('a PGURL that is missing, wrong, refused, or answers something else', async () => {
    const says = async (env: Record<string, string>): Promise<string> => {
      const { code, output } = await start(env).ended;
      expect(code, output).toBe(1);
      return output;
    };
    expect(await says({})).toMatch(/Set PGURL/);
    expect(await says({ PGURL: 'relay" --output "/etc/x' })).toMatch(/PGURL is not a URL/);
    const params = Buffer.from(
      JSON.stringify({
        userId: '11111111-1111-4111-8111-111111111111',
        id: '00:21:b9:02:45:1b',
        profileNum: '1',
        password: 'x',
      }),
    ).toString('base64url');
    expect(await says({ PGURL: `${service.url}/api/sys/nsgetioturl?params=${params}` })).toMatch(
      /The PGURL is refused/,
    );
    expect(await says({ PGURL: `${service.url}/` })).toMatch(
      /did not answer with the JSON of a node server|answered 404/,
    );
    const { pgUrl } = await registerLocal(service);
    expect(await says({ PGURL: pgUrl })).toMatch(/has no git URL: set NODE_SERVER_URL, or mount its folder/);
  });

  test('a service that is not there yet is waited for', async () => {
    const listener: RequestListener = (_, response) => response.writeHead(403).end();
    const first = createServer(listener);
    await new Promise<void>((resolve) => first.listen(0, '127.0.0.1', resolve));
    const { port } = first.address() as AddressInfo;
    await new Promise((resolve) => first.close(resolve));
    const container = start({ PGURL: `http://127.0.0.1:${port}/` });
    await container.printed(/No answer from the service \(curl: 7\).*Trying again in 1 s/);
    const second = createServer(listener);
    await new Promise<void>((resolve) => second.listen(port, '127.0.0.1', resolve));
    expect((await container.ended).output).toMatch(/The PGURL is refused/);
    await new Promise((resolve) => second.close(resolve));
  });
});
