import type { Installation, Release, Source } from '@polyrelay/contract';
import { ServerJson, versionOf } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { messageOf } from '#core/errors.js';
import { install } from './install/install.js';
import { ended, Progress } from './install/progress.js';
import type { WorkerLog } from './logs/log.js';
import { Releases } from './releases.js';
import type { Runtime } from './runtimes/types.js';

type Info = NonNullable<Awaited<ReturnType<FastifyInstance['nodeServers']['get']>>>;

interface InstallerOptions {
  app: FastifyInstance;
  id: string;
  folder: string;
  log: WorkerLog;
  runtimeOf(name: string): Runtime;
  /** Told what is being done now, for the user. */
  onStep(step: string): void;
}

/** Installs the programs of one node server, and changes over from one release to another. */
export class Installer {
  readonly #options: InstallerOptions;
  readonly releases: Releases;
  #telling: Promise<void> = Promise.resolve();
  #newest: Installation | undefined;

  constructor(options: InstallerOptions) {
    this.#options = options;
    this.releases = new Releases(options.folder);
  }

  /**
   * Makes sure that the release that is to run is there; a new machine, or another runtime, installs it again at the
   * same commit. @returns its folder
   */
  async ensure(info: Info, signal: AbortSignal): Promise<string> {
    const number = info.installed?.number ?? 1;
    const commit = info.installed?.commit ?? null;
    const serverJson = ServerJson.parse(info.serverJson);
    const { source, runtime } = info;
    if (source === null) throw new Error('The service has no program of this node server.');
    const folder = this.releases.folder(number);
    if (await this.releases.isComplete(number, { source, commit, serverJson, runtime })) return folder;
    const made = await this.#install(info, 'install', { number, source, commit, signal });
    if (info.installed === null || info.installed.commit !== made.installed.commit)
      await this.#options.app.nodeServers.setRelease(info.id, { ...made, previous: info.previous });
    this.#end('done');
    await this.#told();
    return folder;
  }

  /**
   * Installs another release beside the one that runs, and makes it the one that is to run. @returns whether it is on
   * trial; where nothing was installed before there is nothing to come back
   * @throws DomainError when it could not be installed; nothing is changed then
   */
  async update(info: Info, source: Source, signal: AbortSignal): Promise<boolean> {
    const number = Math.max(info.installed?.number ?? 1, info.previous?.installed.number ?? 0) + 1;
    try {
      const made = await this.#install(info, 'update', { number, source, commit: null, signal });
      const current = currentOf(info);
      await this.#options.app.nodeServers.setRelease(info.id, { ...made, previous: current });
      this.#end(current === null ? 'done' : 'trial');
      return current !== null;
    } catch (error) {
      this.#failed(messageOf(error));
      await this.releases.remove(number);
      if ('archive' in source) await this.#options.app.nodeServers.removeArchive(source.archive);
      throw error;
    } finally {
      await this.#told();
    }
  }

  /** The release on trial has connected: those before the last are not needed any more. */
  async keep(): Promise<void> {
    const info = await this.#info();
    if (info?.installed == null) return;
    this.#newest ??= info.installation ?? undefined;
    this.#end('done');
    await this.#told();
    const previous = info.previous?.installed.number;
    await this.releases.keep([info.installed.number, ...(previous === undefined ? [] : [previous])]);
  }

  /** The release before becomes the one that is to run. @param why the newer one is left; undefined: the user wishes it */
  async rollBack(why?: string): Promise<void> {
    const { app, id, log } = this.#options;
    const info = await this.#info();
    const current = info === undefined ? null : currentOf(info);
    if (info?.previous == null || current === null) return;
    await app.nodeServers.setRelease(id, { ...info.previous, previous: why === undefined ? current : null });
    const from = nameOf(current.installed);
    const to = nameOf(info.previous.installed);
    const reason = why === undefined ? '' : `${from} was not kept: ${why}. ${to} runs again.`;
    log.add('service', reason || `Going back from ${from} to ${to}`, why === undefined ? 'info' : 'error');
    this.#newest ??= info.installation ?? { kind: 'update', state: 'done', reason: '', steps: [] };
    this.#tell({ ...this.#newest, state: 'rolledBack', reason: reason || `${to} runs again.` });
    await this.#told();
    if (why !== undefined) await this.releases.remove(current.installed.number);
  }

  async #install(
    info: Info,
    kind: Installation['kind'],
    what: { number: number; source: Source; commit: string | null; signal: AbortSignal },
  ): Promise<{ installed: Release; source: Source; serverJson: ServerJson }> {
    const { app, log, runtimeOf, onStep } = this.#options;
    const { number, source, commit, signal } = what;
    const folder = this.releases.folder(number);
    const progress = new Progress(kind, (installation) => {
      const step = installation.steps.findLast(({ state }) => state === 'running');
      if (step !== undefined) {
        log.add('service', step.name);
        onStep(step.name);
      }
      this.#tell(installation);
    });
    try {
      const made = await install({
        worker: info.worker,
        folder,
        source,
        commit,
        serverJson: ServerJson.parse(info.serverJson),
        takesServerJson: kind === 'update',
        uploadsFolder: app.nodeServers.uploadsFolder,
        dataDir: app.config.dataDir,
        allowPrivate: app.config.allowPrivateUrls,
        runtime: runtimeOf(info.runtime),
        limits: info.limits,
        progress,
        signal,
        onLine: (stream, text) => log.add(stream, text),
      });
      await this.releases.complete(number, { ...made, source, runtime: info.runtime });
      const installed: Release = {
        number,
        ref: 'git' in source ? (source.ref ?? null) : null,
        commit: made.commit,
        version: versionOf(made.serverJson),
        installedAt: new Date().toISOString(),
      };
      return { installed, source, serverJson: made.serverJson };
    } catch (error) {
      progress.failed(signal.aborted ? 'It was ended.' : log.masked(messageOf(error)));
      // Before the worker is said to have crashed: whoever sees that sees why.
      await this.#told();
      throw error;
    }
  }

  async #info(): Promise<Info | undefined> {
    return this.#options.app.nodeServers.get(this.#options.id);
  }

  #end(state: 'done' | 'trial'): void {
    if (this.#newest === undefined) return;
    this.#tell({ ...this.#newest, state, steps: ended(this.#newest.steps, 'done') });
  }

  /** What failed after the last step, which says so itself. */
  #failed(reason: string): void {
    if (this.#newest?.state !== 'running') return;
    this.#tell({ ...this.#newest, state: 'failed', reason, steps: ended(this.#newest.steps, 'failed') });
  }

  /** One after the other, so that the last one told is the last one kept. */
  #tell(installation: Installation): void {
    const { app, id } = this.#options;
    this.#newest = installation;
    this.#telling = this.#telling
      .then(() => app.nodeServers.setInstallation(id, installation))
      .catch((error: unknown) =>
        app.logger.warn({ err: error }, 'the progress of an installation could not be kept'),
      );
  }

  #told(): Promise<void> {
    return this.#telling;
  }
}

const currentOf = ({ installed, source, serverJson }: Info) =>
  installed === null || source === null
    ? null
    : { installed, source, serverJson: ServerJson.parse(serverJson) };

const nameOf = ({ version, commit, number }: Release): string =>
  version === '' ? `Release ${commit?.slice(0, 8) ?? number}` : `Version ${version}`;
