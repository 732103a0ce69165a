import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Ran, Running } from '@polyrelay/testkit';

const exec = promisify(execFile);

/** Keeps each payload in `handled.ndjson`. */
const HANDLER = `
import { appendFileSync } from 'node:fs';
let text = '';
for await (const chunk of process.stdin) text += chunk;
appendFileSync('handled.ndjson', text.trim() + '\\n');
`;

/** A download as its user unpacks it on the thing, and the processes that run there. */
export class Unpacked {
  readonly folder: string;
  readonly #running: Running[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param zip path of the file */
  static async from(zip: string): Promise<Unpacked> {
    const folder = await mkdtemp(join(tmpdir(), 'pr-e2e-thing-'));
    await exec('unzip', ['-q', zip, '-d', folder]);
    await writeFile(join(folder, 'handler.mjs'), HANDLER);
    return new Unpacked(folder);
  }

  /** Starts `node thing.mjs`. */
  start(args: string[], input = ''): Running {
    return this.startProgram(process.execPath, ['thing.mjs', ...args], { input });
  }

  startProgram(
    command: string,
    args: string[],
    { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
  ): Running {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: this.folder, ...env },
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const running = new Running(child);
    this.#running.push(running);
    return running;
  }

  run(args: string[], input?: string): Promise<Ran> {
    return this.start(args, input).ended();
  }

  /** Stays connected; what it receives is told by `handled`. */
  async connect(): Promise<Running> {
    const running = this.start(['run', '--handler', 'handler.mjs']);
    await running.said('Connected to');
    return running;
  }

  /** The payloads that the handler had, in order. */
  async handled(): Promise<unknown[]> {
    const text = await readFile(join(this.folder, 'handled.ndjson'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  }

  /** Ends what runs as its user would: what a handler is at is finished, and does not come twice. */
  async stop(): Promise<void> {
    const ending = this.#running.splice(0).map((running) => {
      // Where a test failed, it may have been put to sleep.
      running.child.kill('SIGCONT');
      return running.kill('SIGTERM');
    });
    await Promise.all(ending);
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
