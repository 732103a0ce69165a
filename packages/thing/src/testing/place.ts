import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, Running } from '@polyrelay/testkit';
import { buildThing } from '../../build.mjs';
import type { TestService } from './test-service.js';

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
