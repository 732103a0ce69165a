import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DEFAULT_LIMITS } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attempt, PROBES, systemCalls, type Targets } from '../../../../testing/hostile.js';
import { freePorts } from '../../../../testing/ports.js';
import { CERTS, makeLayout, WRITABLE } from '../../layout.js';
import { type SandboxParts, sandboxed } from './command-line.js';
import { interpreters, machine } from './mounts.js';
import { syscallFilter } from './seccomp.js';

const isRoot = process.getuid?.() === 0;
const USER = 1000;
const CANARY = `canary-${process.pid}`;

/** Whether a command does what it should here. */
async function works(file: string, ...args: string[]): Promise<boolean> {
  const child = spawn(file, args, { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false)).once('exit', (code) => resolve(code === 0));
  });
}

const hasSandbox = await works('bwrap', '--ro-bind', '/', '/', '--unshare-user', 'true');
const hasPasta = await works('pasta', '--version');
const asUser = ['--reuid', String(USER), '--regid', String(USER), '--clear-groups', '--'];
const userHasNode = isRoot && (await works('setpriv', ...asUser, process.execPath, '--version'));

let base: string;
let dataDir: string;
let canaryListener: Server;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'pr-sandbox-'));
  await chmod(base, 0o755);
  // A data folder among programs, where it is least hidden.
  dataDir = isRoot ? await mkdtemp('/usr/local/pr-data-') : join(base, 'data');
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  await chmod(dataDir, 0o755);
  await writeFile(join(dataDir, 'secret.key'), CANARY);
  canaryListener = createServer((socket) => socket.end(CANARY)).listen(0, '127.0.0.1');
  await once(canaryListener, 'listening');
});
afterAll(async () => {
  canaryListener.close();
  await rm(base, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
});

interface Way {
  asRoot: boolean;
  ingressPort?: number;
  outwardPorts?: number[];
}

/** Runs a Node.js program in a sandbox, as a service of that user would. */
async function inside(source: string, { asRoot, ingressPort, outwardPorts = [] }: Way, params: object = {}) {
  const folder = await mkdtemp(join(base, 'app-'));
  await makeLayout(folder);
  await writeFile(join(folder, 'nodeserver', 'main.mjs'), source);
  await writeFile(join(folder, CERTS, 'private.key'), 'its own');
  const owner = asRoot ? 65_534 : USER;
  await chmod(folder, 0o755);
  if (isRoot)
    for (const name of [...WRITABLE, CERTS, 'nodeserver/main.mjs', `${CERTS}/private.key`])
      await chown(join(folder, name), owner, owner);
  const filter = join(base, 'filter');
  await writeFile(filter, syscallFilter(process.arch) ?? '');
  for (const name of ['passwd', 'group', 'hosts']) await writeFile(join(base, name), '127.0.0.1 localhost\n');
  const { prefixes, node } = await interpreters();
  const parts: SandboxParts = {
    // What is in root's home is not there for a user.
    machine: machine(isRoot && !asRoot ? [] : prefixes, base, dataDir),
    asRoot,
    noNamespaces: ['--disable-userns'],
    filter,
    hasPasta,
  };
  const contents = {
    folder,
    limits: DEFAULT_LIMITS,
    core: 0,
    hosts: join(base, 'hosts'),
    ingressPort,
    outwardPorts,
  };
  const line = sandboxed(parts, { ...contents, command: node, args: ['./main.mjs'] });
  const [file = '', ...args] = asRoot || !isRoot ? line : ['setpriv', ...asUser, ...line];
  const child = spawn(file, args, {
    cwd: '/',
    env: { PATH: process.env.PATH, NODESERVER: JSON.stringify({ customParams: params }) },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  return {
    lines: createInterface({ input: child.stdout }),
    end: async () => {
      const ended = once(child, 'exit');
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await ended;
    },
  };
}

const WAYS: [string, boolean, boolean][] = [
  ['of a service that is root', true, false],
  ['of a service that is a user', false, false],
  ['of a service that is root, with a network of its own', true, true],
  ['of a service that is a user, with a network of its own', false, true],
];

describe.skipIf(!hasSandbox).each(WAYS)('a sandbox %s', (_way, asRoot, ownNetwork) => {
  const isPossible = (asRoot ? isRoot : userHasNode || !isRoot) && (hasPasta || !ownNetwork);

  test.skipIf(!isPossible)('lets nothing out that tries to get out', async () => {
    const targets: Targets = {
      servicePid: process.pid,
      victimPid: process.ppid,
      files: [join(dataDir, 'secret.key'), join(base, 'filter'), import.meta.filename],
      folders: [base, import.meta.dirname],
      sockets: [],
      calls: systemCalls(),
    };
    const program = await inside(
      PROBES,
      { asRoot, ...(ownNetwork ? { ingressPort: await freePorts(1) } : {}) },
      targets,
    );
    const attempts: Attempt[] = [];
    for await (const line of program.lines) {
      if (line === 'DONE') break;
      attempts.push(JSON.parse(line.slice('ATTEMPT '.length)));
    }
    await program.end();
    expect(attempts.length).toBeGreaterThan(100);
    expect(attempts.filter(({ got }) => got.startsWith('yes'))).toEqual([]);
    expect(JSON.stringify(attempts)).not.toContain(CANARY);
  });

  test.skipIf(!isPossible || !ownNetwork)(
    'is reached at its port, reaches the broker, and nothing else of this machine',
    async () => {
      const broker = createServer((socket) => socket.end('broker')).listen(0, '127.0.0.1');
      await once(broker, 'listening');
      const portOf = (server: Server) => (server.address() as { port: number }).port;
      const ingressPort = await freePorts(1);
      const program = await inside(
        REACHING,
        { asRoot, ingressPort, outwardPorts: [portOf(broker)] },
        { broker: portOf(broker), canary: portOf(canaryListener) },
      );
      let said = '';
      for await (const line of program.lines) {
        said = line;
        break;
      }
      const answer = await fetch(`http://127.0.0.1:${ingressPort}/`);
      expect(await answer.text()).toBe('from inside');
      await program.end();
      broker.close();
      const { broker: fromBroker, ...others } = JSON.parse(said) as Record<string, string>;
      expect(fromBroker).toBe('broker');
      expect(Object.keys(others).length).toBeGreaterThan(3);
      expect(Object.values(others).filter((got) => !got.startsWith('no: '))).toEqual([]);
    },
  );
});

/** Listens on 3000, and tries what there may be of this machine under every address it can think of. */
const REACHING = `
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { readFileSync } from 'node:fs';
const { broker, canary } = JSON.parse(process.env.NODESERVER).customParams;
const reach = (host, port, timeout = 1500) => new Promise((resolve) => {
  const socket = connect({ host, port, timeout });
  socket.on('data', (data) => resolve(String(data)));
  socket.on('error', (error) => resolve('no: ' + error.code));
  socket.on('timeout', () => resolve('no: timeout'));
  socket.on('close', () => resolve('no: closed'));
});
createServer((request, response) => response.end('from inside')).listen(3000, async () => {
  const own = Object.values(networkInterfaces()).flat().map(({ address }) => address);
  // The gateway, in little-endian hexadecimal.
  const gateway = readFileSync('/proc/net/route', 'utf8').split('\\n').map((line) => line.split('\\t')).find((parts) => parts[1] === '00000000')?.[2];
  const gateways = gateway ? [gateway.match(/../g).reverse().map((byte) => parseInt(byte, 16)).join('.')] : [];
  const hosts = new Set(['127.0.0.1', '127.0.0.2', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1', 'localhost', ...own, ...gateways]);
  const got = await Promise.all([...hosts].map(async (host) => [host, await reach(host, canary)]));
  console.log(JSON.stringify({ broker: await reach('localhost', broker, 15_000), ...Object.fromEntries(got) }));
});
`;
