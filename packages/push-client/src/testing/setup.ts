import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PushPeer, Running } from '@polyrelay/testkit';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { buildPushClient } from '../../build.mjs';

/** A service's side of the protocol, plain, and a folder with the built client, for each test of a file. */
export interface Parts {
  peer: PushPeer;
  path(name: string): string;
  /** Starts the command; it knows address, user and password. */
  start(args: string[], env?: NodeJS.ProcessEnv): Running;
  /** Runs a script of the shell in the same folder. */
  shell(script: string): Running;
}

export function usePushClient(): Parts {
  const parts = {} as Parts;
  let build: string;
  let folder: string;
  let children: ChildProcess[];
  beforeAll(async () => {
    build = await mkdtemp(join(tmpdir(), 'pr-push-client-build-'));
    await buildPushClient(join(build, 'push-client.mjs'));
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pr-push-client-'));
    await symlink(join(build, 'push-client.mjs'), join(folder, 'push-client.mjs'));
    children = [];
    parts.peer = await PushPeer.start();
    parts.path = (name) => join(folder, name);
    const spawned = (command: string, args: string[], env: NodeJS.ProcessEnv = {}): Running => {
      const { password, url } = parts.peer;
      const child = spawn(command, args, {
        cwd: folder,
        env: { PATH: process.env.PATH, PUSH_PASSWORD: password, PUSH_URL: url, ...env },
      });
      children.push(child);
      return new Running(child);
    };
    parts.start = (args, env) => {
      const where = ['--insecure', '--port', String(parts.peer.port)];
      return spawned(process.execPath, [join(build, 'push-client.mjs'), ...where, ...args], env);
    };
    parts.shell = (script) => spawned('sh', ['-c', script]);
  });
  afterEach(async () => {
    for (const child of children)
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
    await parts.peer.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterAll(() => rm(build, { recursive: true, force: true }));
  return parts;
}
