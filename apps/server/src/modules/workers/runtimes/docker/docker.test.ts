import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DockerEngine } from '../../../../testing/docker-engine.js';
import { hasPrograms } from '../../../../testing/fake-container.js';
import { makeLayout } from '../../layout.js';
import type { Program } from '../types.js';
import { DockerRuntime } from './docker.js';
import { readOutput } from './output.js';

const IMAGES = { node: 'polyrelay/worker-node:test', python3: 'polyrelay/worker-python:test' };

const isRoot = process.getuid?.() === 0;

describe.skipIf(!hasPrograms('bwrap'))('the runtime docker', () => {
  let engine: DockerEngine;
  let runtime: DockerRuntime;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'pr-data-'));
    engine = await DockerEngine.start();
    runtime = await open();
  });
  afterAll(async () => {
    await engine.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function open(more: { dockerDataDir?: string } = {}): Promise<DockerRuntime> {
    const host = `unix://${engine.socket}`;
    const found = await DockerRuntime.detect({
      host,
      images: IMAGES,
      dataDir,
      dockerDataDir: more.dockerDataDir,
    });
    if (typeof found === 'string') throw new Error(found);
    return found;
  }

  let count = 0;
  /** A program in a folder of its own, and what it prints. */
  async function programOf(
    script: string,
    more: Partial<Program> = {},
  ): Promise<{ program: Program; lines: [string, string][] }> {
    count += 1;
    const folder = join(dataDir, 'workers', String(count));
    await makeLayout(folder);
    await writeFile(join(folder, 'nodeserver', 'main.mjs'), script);
    await writeFile(join(folder, 'certs', 'private.key'), 'a key', { mode: 0o600 });
    await runtime.adopt(folder);
    const lines: [string, string][] = [];
    const program: Program = {
      worker: `worker${count}`,
      folder,
      language: 'node',
      command: runtime.interpreter('node'),
      args: ['main.mjs'],
      env: { STAGE: 'prod', MQTTENDPOINT: 'localhost' },
      limits: { memoryMb: 512, processes: 128, cpus: 0.5 },
      onLine: (stream, text) => lines.push([stream, text]),
      ...more,
    };
    return { program, lines };
  }

  test('a program finds its folder, its key and its environment, and nothing else of the machine', async () => {
    const { program, lines } = await programOf(
      `
      import { existsSync, readFileSync, writeFileSync } from 'node:fs';
      console.log(process.cwd(), readFileSync('../certs/private.key', 'utf8'), process.getuid());
      console.log(['STAGE', 'MQTTENDPOINT', 'HOME'].map((name) => process.env[name]).join(' '));
      writeFileSync('../logs/debug.log', 'kept');
      for (const path of ['/made', '/usr/made', '/app/made', '/app/certs/made'])
        try { writeFileSync(path, ''); console.log('wrote ' + path); } catch (error) { console.log(error.code); }
      console.log(existsSync(${JSON.stringify('DATA')}), /host.docker.internal/.test(readFileSync('/etc/hosts', 'utf8')));
      console.error('on stderr');
      process.stdout.write('no newline at the end');`.replace('DATA', dataDir),
    );
    const running = await runtime.run(program);
    expect(running.pid).toBeUndefined();
    expect(await running.ended).toEqual({ reason: 'It ended with code 0', success: true });
    const user = isRoot ? 65534 : process.getuid?.();
    expect(lines.filter(([stream]) => stream === 'stdout').map(([, text]) => text)).toEqual([
      `/app/nodeserver a key ${user}`,
      'prod host.docker.internal /app/home',
      ...Array(4).fill('EROFS'),
      'false true',
      'no newline at the end',
    ]);
    expect(lines).toContainEqual(['stderr', 'on stderr']);
    expect(await readFile(join(program.folder, 'logs/debug.log'), 'utf8')).toBe('kept');
    expect(engine.containers).toEqual([]);
  });

  test('asks for what the limits say, and for no right', async () => {
    const { program } = await programOf('setInterval(() => {}, 1000)', { ingressPort: await freePort() });
    const running = await runtime.run(program);
    const [container] = engine.containers;
    expect(container?.asked).toMatchObject({
      Image: IMAGES.node,
      Entrypoint: ['node'],
      Cmd: ['main.mjs'],
      User: isRoot ? '65534:65534' : `${process.getuid?.()}:${process.getgid?.()}`,
      Labels: { 'polyrelay.worker': program.worker },
      ExposedPorts: { '3000/tcp': {} },
      HostConfig: {
        Mounts: expect.arrayContaining([
          { Type: 'bind', Source: program.folder, Target: '/app', ReadOnly: true },
          { Type: 'bind', Source: `${program.folder}/logs`, Target: '/app/logs', ReadOnly: false },
        ]),
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        Memory: 512 * 1024 * 1024,
        MemorySwap: 512 * 1024 * 1024,
        NanoCpus: 500_000_000,
        PidsLimit: 128,
        Init: true,
        PortBindings: { '3000/tcp': [{ HostPort: String(program.ingressPort) }] },
        AutoRemove: false,
      },
    });
    // Another one cannot have its port, says so, and leaves nothing behind.
    const second = await programOf('', { ingressPort: program.ingressPort });
    await expect(runtime.run(second.program)).rejects.toThrow(
      /Docker could not start it: .*port is already allocated/,
    );
    running.kill();
    expect(await running.ended).toEqual({ reason: 'It was ended by SIGKILL', success: false });
    expect(engine.containers).toEqual([]);
  });

  test.each([
    ['process.exit(7)', 'It ended with code 7'],
    ["process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)", 'It was ended by SIGTERM'],
    [
      'const all = []; setInterval(() => all.push(Buffer.alloc(16 << 20, 1)), 5)',
      'It used more than 128 MB of memory and was ended by Docker',
    ],
  ])('how it ended: %s', async (script, reason) => {
    const limits = { memoryMb: 128, processes: 64, cpus: 1 };
    const { program } = await programOf(script, { limits });
    expect(await (await runtime.run(program)).ended).toMatchObject({ reason, success: false });
  });

  test('what a killed service left running is ended before the worker starts again', async () => {
    const script = 'setInterval(() => {}, 1000)';
    const { program } = await programOf(script);
    const other = await programOf(script);
    const [left, stays] = [await runtime.run(program), await runtime.run(other.program)];
    await (await open()).endLeftover(program.worker);
    expect((await left.ended).success).toBe(false);
    expect(engine.containers.map(({ asked }) => asked.Labels['polyrelay.worker'])).toEqual([
      other.program.worker,
    ]);
    stays.kill();
    await stays.ended;
  });

  test('an image that is not there', async () => {
    const { program } = await programOf('', { language: 'python3' });
    await expect(runtime.run(program)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'noImage',
      message: expect.stringMatching(
        /no image “polyrelay\/worker-python:test”: build it .* WORKER_IMAGE_PYTHON/,
      ),
    });
  });

  test('a service in a container says where Docker finds its data folder', async () => {
    const { program } = await programOf('console.log("here")');
    await expect((await open({ dockerDataDir: '/not/there' })).run(program)).rejects.toThrow(
      /does not have the worker’s folder .*\/not\/there\/workers\/\d+.*set DOCKER_DATA_DIR/,
    );
    const elsewhere = await open({ dockerDataDir: `${dataDir}/../${dataDir.split('/').at(-1)}` });
    expect((await (await elsewhere.run(program)).ended).success).toBe(true);
  });

  test.skipIf(!isRoot)('the folder is made the program’s own', async () => {
    const { program } = await programOf('');
    expect((await stat(join(program.folder, 'certs/private.key'))).uid).toBe(65534);
  });
});

test.each([
  [
    'a DOCKER_HOST of another kind',
    'ssh://me@there',
    /^DOCKER_HOST is “ssh:\/\/me@there”: this service can use unix:/,
  ],
  [
    'nothing at the socket',
    'unix:///nowhere/docker.sock',
    /no Docker here \(\/nowhere\/docker\.sock\): install it/,
  ],
  [
    'nobody at the port',
    'tcp://127.0.0.1:1',
    /Docker does not answer at tcp:\/\/127\.0\.0\.1:1 \(.*\)\. Is its service running/,
  ],
])('there is no Docker: %s', async (_name, host, reason) => {
  const options = { host, images: IMAGES, dataDir: '/d', dockerDataDir: undefined };
  expect(await DockerRuntime.detect(options)).toMatch(reason);
});

test('a socket where something else is, or nothing answers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pr-sock-'));
  const path = join(folder, 'docker.sock');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const options = { host: `unix://${path}`, images: IMAGES, dataDir: '/d', dockerDataDir: undefined };
  expect(await DockerRuntime.detect(options)).toMatch(
    /Docker does not answer at unix:.*Is its service running/,
  );
  server.close();
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

test('output in pieces: split anywhere, thousands at once, and cut off in the middle', async () => {
  const piece = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8);
    header.writeUInt8(stream, 0);
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const linesOf = async (chunks: Buffer[]): Promise<string[]> => {
    const lines: string[] = [];
    await readOutput(
      (async function* () {
        yield* chunks;
      })(),
      (stream, text) => lines.push(`${stream}: ${text}`),
    );
    return lines.sort();
  };
  const whole = Buffer.concat([piece(1, 'grün\nzwei'), piece(2, 'error\n'), piece(1, ' Teile\n')]);
  const bytes = [...whole].map((byte) => Buffer.from([byte]));
  expect(await linesOf(bytes)).toEqual(['stderr: error', 'stdout: grün', 'stdout: zwei Teile']);
  expect(await linesOf([Buffer.concat(Array.from({ length: 50_000 }, () => piece(1, '\n')))])).toHaveLength(
    50_000,
  );
  expect(await linesOf([piece(1, 'one\ntwo'), piece(1, 'lost').subarray(0, 10)])).toEqual([
    'stdout: one',
    'stdout: two',
  ]);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
