import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildThing } from '../../build.mjs';
import type { TestService } from './test-service.js';

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** A process of thing.mjs, and what it says. */
export class Running {
  readonly child: ChildProcess;
  out = '';
  err = '';
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    this.#ended = once(child, 'close');
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
      for (const look of this.#waiting) look();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
      for (const look of this.#waiting) look();
    });
  }

  /** Resolves once it has said that. */
  said(what: RegExp | string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (
          !(typeof what === 'string' ? (this.out + this.err).includes(what) : what.test(this.out + this.err))
        )
          return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(
        () => reject(new Error(`It did not say ${what}, but:\n${this.out}${this.err}`)),
        15_000,
      );
      this.#waiting.add(look);
      look();
    });
  }

  async ended(): Promise<Ran> {
    await this.#ended;
    return { code: this.child.exitCode, out: this.out, err: this.err };
  }

  kill(signal: NodeJS.Signals): Promise<Ran> {
    this.child.kill(signal);
    return this.ended();
  }
}

/** An unpacked distribution in a folder of its own. */
export class Place {
  readonly folder: string;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param build path of a built thing.mjs, made once for all tests of a file */
  static async make(service: TestService, build: string): Promise<Place> {
    const place = new Place(await mkdtemp(join(tmpdir(), 'pr-thing-')));
    await copyFile(build, place.path('thing.mjs'));
    await place.writeConfig(service);
    await writeFile(place.path('thing-private.pem'), service.certificate.key);
    await writeFile(place.path('thing-certificate.pem'), service.certificate.cert);
    await writeFile(place.path('root-ca-cert.pem'), service.broker.authority.caCert);
    return place;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async writeConfig(service: TestService, change: (text: string) => string = (text) => text): Promise<void> {
    const { id, name, port, broker } = service;
    await writeFile(
      this.path('config.yml'),
      change(`flashlex:
  app:
    api: {endpoint: "https://127.0.0.1:${port}", env: prd}
    callback: persistent
    db: {subscriptionData: subscription.json, expireSeconds: 60}
  thing:
    id: ${id}
    name: ${name}
    endpoint: 127.0.0.1
    keys: {rootCA: root-ca-cert.pem, cert: thing-certificate.pem, privateKey: thing-private.pem}
    mqtt: {pubsub: {topic: pubsub/${name}}, ingress: {topic: ingress/${name}}, port: ${broker.port}}
`),
    );
  }

  start(args: string[], options: { input?: string; env?: NodeJS.ProcessEnv; node?: string[] } = {}): Running {
    const child = spawn(process.execPath, [...(options.node ?? []), this.path('thing.mjs'), ...args], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, HOME: this.folder, ...options.env },
    });
    this.#children.push(child);
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    return new Running(child);
  }

  run(args: string[], options?: { input?: string; env?: NodeJS.ProcessEnv; node?: string[] }): Promise<Ran> {
    return this.start(args, options).ended();
  }

  async remove(): Promise<void> {
    for (const child of this.#children)
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Builds thing.mjs into a folder of its own. */
export async function builtThing(): Promise<{ file: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'pr-thing-build-'));
  const file = join(folder, 'thing.mjs');
  await buildThing(file);
  return { file, remove: () => rm(folder, { recursive: true }) };
}
