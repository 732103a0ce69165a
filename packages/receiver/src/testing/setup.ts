import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, Running } from '@polyrelay/testkit';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { buildReceiver } from '../../build.mjs';
import { Sink } from './sink.js';
import { KEY, TestChannel } from './test-channel.js';

/** A channel, a sink, and a folder with the built receiver, for each test of a file. */
export interface Parts {
  channel: TestChannel;
  sink: Sink;
  path(name: string): string;
  /** Starts the command; it knows address, channel and key, and does not wait long between attempts. */
  start(args: string[], env?: NodeJS.ProcessEnv): Running;
  /** Runs a script of the shell in the same folder. */
  shell(script: string): Running;
  run(args: string[], env?: NodeJS.ProcessEnv): Promise<Ran>;
}

export function useReceiver(): Parts {
  const parts = {} as Parts;
  let build: string;
  let folder: string;
  let children: ChildProcess[];
  beforeAll(async () => {
    build = await mkdtemp(join(tmpdir(), 'pr-receiver-build-'));
    await buildReceiver(join(build, 'receiver.mjs'));
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pr-receiver-'));
    // Where handlers of one's own import it from.
    await symlink(join(build, 'receiver.mjs'), join(folder, 'receiver.mjs'));
    children = [];
    parts.channel = await TestChannel.start();
    parts.sink = await Sink.start();
    parts.path = (name) => join(folder, name);
    const spawned = (command: string, args: string[], env: NodeJS.ProcessEnv = {}): Running => {
      const child = spawn(command, args, {
        cwd: folder,
        env: { PATH: process.env.PATH, RECEIVER_KEY: KEY, RECEIVER_URL: parts.channel.url, ...env },
      });
      children.push(child);
      return new Running(child);
    };
    parts.start = (args, env) => spawned(process.execPath, [join(build, 'receiver.mjs'), ...args], env);
    parts.shell = (script) => spawned('sh', ['-c', script]);
    parts.run = (args, env) => parts.start(args, env).ended();
  });
  afterEach(async () => {
    for (const child of children)
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
    await parts.channel.close();
    await parts.sink.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterAll(() => rm(build, { recursive: true, force: true }));
  return parts;
}
