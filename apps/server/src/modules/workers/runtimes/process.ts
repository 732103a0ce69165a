import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { messageOf } from '#core/errors.js';
import type { AppMount } from './app-mount.js';
import type { Ending, OnLine, Program, RunningProgram, Runtime } from './types.js';

/**
 * Runs a worker as a child process with an environment of its own. Where bubblewrap works its folder is mounted as
 * `/app`, as published Python modules need, and the data folder is hidden; it is no protection against a hostile
 * program.
 */
export class ProcessRuntime implements Runtime {
  readonly name = 'process';
  readonly #mount: AppMount | undefined;

  constructor(mount: AppMount | undefined) {
    this.#mount = mount;
  }

  appFolder(folder: string): string {
    return this.#mount === undefined ? folder : '/app';
  }

  run({ folder, command, args, env, onLine }: Program): RunningProgram {
    const [file, ...rest] =
      this.#mount === undefined ? [command, ...args] : this.#mount.wrap(folder, command, args);
    const child = spawn(file ?? command, rest, {
      cwd: `${folder}/nodeserver`,
      env: {
        PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
        LANG: 'C.UTF-8',
        ...env,
        HOME: this.appFolder(folder),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own process group: it is ended with all its children.
      detached: true,
    });
    readLines(child.stdout, (text) => onLine('stdout', text));
    readLines(child.stderr, (text) => onLine('stderr', text));
    return { pid: child.pid ?? 0, ended: endingOf(child, command, onLine), kill: () => killGroup(child.pid) };
  }
}

function readLines(stream: Readable, onLine: (text: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}

function endingOf(child: ChildProcess, command: string, onLine: OnLine): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      const reason = `“${command}” could not be started: ${messageOf(error)}`;
      onLine('service', reason);
      resolve({ reason, success: false });
    });
    // Children it left behind end with it; they would also keep its output open.
    child.once('exit', () => killGroup(child.pid));
    // After its output was read to the end.
    child.once('close', (code, signal) =>
      resolve({
        reason: signal === null ? `It ended with code ${code}` : `It was ended by ${signal}`,
        success: code === 0,
      }),
    );
  });
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Ended in this moment.
  }
}
