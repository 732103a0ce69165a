import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestAuthority, testAuthority } from '@polyrelay/testkit';

export const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync);

/** A broker of its own, with mutual TLS, in a folder that also has the files of clients. */
export interface Mosquitto {
  port: number;
  authority: TestAuthority;
  /** Writes a certificate and its key. */
  issue(name: string): Promise<{ certificatePath: string; privateKeyPath: string }>;
  caPath: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** @param acl what each user may do, as its `acl_file` has it; without it, everything */
export async function mosquitto(acl?: string): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'pr-mosquitto-'));
  const file = (name: string) => join(folder, name);
  const authority = await testAuthority();
  const issue = async (name: string, options?: Parameters<TestAuthority['issue']>[1]) => {
    const [certificatePath, privateKeyPath] = [file(`${name}.crt`), file(`${name}.key`)];
    const { cert, key } = await authority.issue(name, options);
    await writeFile(certificatePath, cert);
    await writeFile(privateKeyPath, key);
    return { certificatePath, privateKeyPath };
  };
  const own = await issue('broker', { dns: ['localhost'], ip: ['127.0.0.1'] });
  await writeFile(file('ca.pem'), authority.caCert);
  const port = await freePort();
  // It would give up root’s rights for those of a user who may not read the files.
  const user = process.getuid?.() === 0 ? ['user root'] : [];
  const configuration = [
    ...user,
    `listener ${port} 127.0.0.1`,
    `cafile ${file('ca.pem')}`,
    `certfile ${own.certificatePath}`,
    `keyfile ${own.privateKeyPath}`,
    'require_certificate true',
    'use_identity_as_username true',
    'max_queued_messages 0',
    'persistence true',
    `persistence_location ${folder}/`,
    ...(acl === undefined ? [] : [`acl_file ${file('acl')}`]),
  ];
  if (acl !== undefined) await writeFile(file('acl'), acl, { mode: 0o600 });
  await writeFile(file('mosquitto.conf'), `${configuration.join('\n')}\n`);
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  return {
    port,
    authority,
    issue,
    caPath: file('ca.pem'),
    start: async () => {
      child = await spawned(file('mosquitto.conf'));
    },
    stop,
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function spawned(configuration: string): Promise<ChildProcess> {
  const child = spawn(MOSQUITTO ?? '', ['-v', '-c', configuration], { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve, reject) => {
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/ running$/m.test(output)) resolve(child);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`mosquitto ended with code ${code}: ${output}`)));
  });
}

/** A line in front of a port, which can be cut. */
export interface Line {
  port: number;
  /** Connections there were. */
  connections(): number;
  /** Cuts the next connection, or the one there is, when so many more bytes have gone to the server. */
  cutAfter(bytes: number): void;
  close(): Promise<void>;
}

export async function lineTo(port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let [left, connections] = [Number.POSITIVE_INFINITY, 0];
  const server = createServer((near) => {
    connections += 1;
    const far = connect({ host: '127.0.0.1', port });
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    far.pipe(near);
    near.on('data', (piece) => {
      left -= piece.length;
      if (left > 0) far.write(piece);
      else {
        left = Number.POSITIVE_INFINITY;
        cut();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    cutAfter: (bytes) => {
      left = bytes;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
