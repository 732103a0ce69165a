import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@polyrelay/contract';
import { newToken } from '#core/secrets/tokens.js';
import { CERTS, COMPLETE, makeLayout, WRITABLE } from '../../layout.js';
import type { StartedChild } from '../child.js';
import type { OnLine, Program } from '../types.js';

/**
 * What a spare runs: Node.js with the modules that every worker needs, waiting for one line of JSON with its program and
 * environment. From then on it is as if it had been started with them.
 */
export const WAIT = `
for (const name of ['tls', 'http', 'https', 'crypto', 'dns', 'url', 'util', 'zlib', 'events', 'child_process']) require(name);
let text = '';
process.stdin.setEncoding('utf8').on('data', (part) => { text += part; }).once('end', () => {
  if (text === '') process.exit(0);
  const { script, env } = JSON.parse(text);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.execArgv.splice(0);
  process.argv.splice(1, 0, require('path').resolve(script));
  require('module').runMain();
});
`;

/** A sandbox that is up and waits for a program. */
interface Spare {
  folder: string;
  child: StartedChild;
  /** Where its output goes once it has a program. */
  onLine: OnLine;
}

/** Starts the waiting program in a folder. */
export type StartSpare = (folder: string, onLine: OnLine) => StartedChild;

/**
 * Sandboxes started ahead, for Node.js programs with the usual limits: a worker that is started takes one over, its
 * files are moved in, and another one is made ready in its place.
 */
export class Spares {
  readonly #folder: string;
  readonly #count: number;
  readonly #start: StartSpare;
  readonly #adopt: (folder: string) => Promise<void>;
  readonly #ready: Spare[] = [];
  #filling: Promise<void>;
  #closed = false;

  /** @param folder on the same file system as the workers' own; it is emptied */
  constructor(folder: string, count: number, start: StartSpare, adopt: (folder: string) => Promise<void>) {
    this.#folder = folder;
    this.#count = count;
    this.#start = start;
    this.#adopt = adopt;
    this.#filling = this.#clear().then(() => this.#fill());
  }

  /**
   * Hands a program to a spare, whose folder takes the place of the program's.
   * @returns the child that runs it; undefined when there is none to take
   */
  async take(program: Program, env: Record<string, string>): Promise<StartedChild | undefined> {
    const script = program.args.at(-1);
    if (!fits(program) || script === undefined) return undefined;
    const spare = this.#ready.shift();
    if (spare === undefined) return undefined;
    await moveInto(program.folder, spare.folder);
    spare.onLine = program.onLine;
    spare.child.input?.end(JSON.stringify({ script, env }));
    this.#filling = this.#filling.then(() => this.#fill());
    return spare.child;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#filling;
    for (const { child } of this.#ready.splice(0)) {
      child.kill();
      await child.ended;
    }
    await this.#clear();
  }

  async #fill(): Promise<void> {
    while (!this.#closed && this.#ready.length < this.#count) {
      const folder = join(this.#folder, newToken(9));
      await makeLayout(folder);
      await this.#adopt(folder);
      const spare: Spare = { folder, child: undefined as never, onLine: () => undefined };
      spare.child = this.#start(folder, (stream, text) => spare.onLine(stream, text));
      // One that ends before it was of use is not replaced until another one is taken: it would end too.
      void spare.child.ended.then(() => this.#drop(spare));
      this.#ready.push(spare);
    }
  }

  #drop(spare: Spare): void {
    const at = this.#ready.indexOf(spare);
    if (at >= 0) this.#ready.splice(at, 1);
  }

  async #clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const fits = ({ language, limits, ingressPort, prewarmed }: Program): boolean =>
  prewarmed === true &&
  language === 'node' &&
  ingressPort === undefined &&
  limits.memoryMb === DEFAULT_LIMITS.memoryMb &&
  limits.processes === DEFAULT_LIMITS.processes &&
  limits.cpus === DEFAULT_LIMITS.cpus;

/**
 * Moves all files of a folder into a spare's, and the spare's folder to where the other was: what is mounted in its
 * sandbox stays mounted. Cut off in the middle, the program counts as not installed.
 */
async function moveInto(folder: string, spareFolder: string): Promise<void> {
  await rename(join(folder, COMPLETE), join(spareFolder, COMPLETE));
  for (const name of [...WRITABLE, CERTS]) {
    await mkdir(join(folder, name), { recursive: true });
    for (const child of await readdir(join(folder, name)))
      await rename(join(folder, name, child), join(spareFolder, name, child));
  }
  await rm(folder, { recursive: true, force: true });
  await rename(spareFolder, folder);
}
