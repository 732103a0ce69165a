import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerJson, type Source } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError, messageOf } from '#core/errors.js';
import { endProcess, isAlive } from '#core/processes.js';
import { Installer } from './installer.js';
import { LastWords, withLastWords } from './last-words.js';
import {
  type Effect,
  initialLifecycle,
  isRunning,
  type Lifecycle,
  type LifecycleEvent,
  transition,
} from './lifecycle.js';
import type { WorkerLog } from './logs/log.js';
import { CONNECT_MS, STOP_MS } from './patience.js';
import { prepareProgram } from './program.js';
import type { RunningProgram, Runtime } from './runtimes/types.js';

interface SupervisorOptions {
  app: FastifyInstance;
  id: string;
  worker: string;
  folder: string;
  log: WorkerLog;
  runtimeOf(name: string): Runtime;
}

/** Carries out the lifecycle of one worker: what the state machine decides, done to a real process. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #installer: Installer;
  #life: Lifecycle = initialLifecycle;
  #running: RunningProgram | undefined;
  /** Ends the installation under way. */
  #abort = new AbortController();
  /** The installation or the run under way. */
  #work: Promise<void> = Promise.resolve();
  /** Ends the update under way. */
  #updateAbort: AbortController | undefined;
  #updating: Promise<void> = Promise.resolve();
  #connectTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** State changes are written one after the other. */
  #saving: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#installer = new Installer({
      ...options,
      onStep: (step) => {
        // An update is installed beside a worker that runs.
        if (this.#life.state !== 'installing') return;
        this.#life = { ...this.#life, reason: step };
        this.#save();
      },
    });
  }

  get state(): Lifecycle['state'] {
    return this.#life.state;
  }

  /** Resolves when the state is written. */
  get saved(): Promise<void> {
    return this.#saving;
  }

  /** Tells the state machine what happened, and does what it says. */
  dispatch(event: LifecycleEvent): void {
    if (this.#closed && event.type !== 'exited' && event.type !== 'stop') return;
    const before = this.#life;
    const { next, effects } = transition(before, event, Date.now());
    this.#life = next;
    // The module of node servers writes `connected` itself, with the fact that the worker came.
    if ((next.state !== before.state || next.reason !== before.reason) && next.state !== 'connected')
      this.#save();
    if (next.state !== 'starting') clearTimeout(this.#connectTimer);
    for (const effect of effects) this.#carryOut(effect);
  }

  /** Ends the process with the service; the user's wish stays, so that it comes back at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    this.#updateAbort?.abort();
    await this.#updating;
    if (isRunning(this.#life)) this.dispatch({ type: 'stop' });
    await this.#work;
    await this.#saving;
    await this.#options.log.flush();
  }

  /** Ends the process: its node server is being deleted. It was told, and has `patienceMs` to clean up. */
  async destroy(patienceMs: number): Promise<void> {
    this.#closed = true;
    this.#abort.abort();
    this.#updateAbort?.abort();
    const running = this.#running;
    const timer = setTimeout(() => running?.kill(), patienceMs);
    await this.#work;
    clearTimeout(timer);
    clearTimeout(this.#retryTimer);
    await this.#saving;
    await this.#options.log.flush();
  }

  #carryOut(effect: Effect): void {
    switch (effect.do) {
      case 'install':
        this.#work = this.#install();
        break;
      case 'spawn':
        this.#work = this.#spawn();
        break;
      case 'rollBack':
        this.#work = this.#rollBack(effect.reason);
        break;
      case 'keepRelease':
        void this.#installer.keep().catch(this.#unexpected);
        break;
      case 'stop':
        void this.#stop();
        break;
      case 'retryIn':
        this.#retryTimer = setTimeout(() => this.dispatch({ type: 'retryDue' }), effect.ms);
        break;
      case 'cancelRetry':
        clearTimeout(this.#retryTimer);
        break;
    }
  }

  async #install(): Promise<void> {
    const { app, id, log } = this.#options;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const info = await app.nodeServers.get(id);
      if (info === undefined) return;
      await this.#endLeftover(info.runtime);
      if (info.installation?.state === 'trial') this.#life = { ...this.#life, trial: true };
      await this.#installer.ensure(info, signal);
      this.#afterInstall({ type: 'installed' });
    } catch (error) {
      if (signal.aborted) log.add('service', 'The installation was ended');
      else log.add('service', messageOf(error), 'error');
      this.#afterInstall({ type: 'installFailed', reason: log.masked(messageOf(error)) });
    }
  }

  async #rollBack(reason: string): Promise<void> {
    await this.#installer.rollBack(reason);
    await this.#install();
  }

  /**
   * Installs another release while this one runs, then changes over to it; when it does not connect, this one comes back.
   * @throws DomainError `updating` while another update is under way
   */
  update(source: Source): void {
    this.#checkIdle();
    const abort = new AbortController();
    this.#updateAbort = abort;
    this.#updating = this.#installUpdate(source, abort.signal).finally(() => {
      this.#updateAbort = undefined;
    });
  }

  async #installUpdate(source: Source, signal: AbortSignal): Promise<void> {
    const { app, id, log } = this.#options;
    try {
      const info = await app.nodeServers.get(id);
      if (info === undefined) return;
      const trial = await this.#installer.update(info, source, signal);
      this.dispatch({ type: 'released', trial });
    } catch (error) {
      log.add('service', `The update failed, nothing has changed: ${messageOf(error)}`, 'error');
    }
  }

  /** Goes back to the release before, as the user wishes. @throws DomainError `noPrevious` */
  async goBack(): Promise<void> {
    const info = await this.#options.app.nodeServers.get(this.#options.id);
    if (info?.previous == null)
      throw new DomainError('conflict', 'noPrevious', 'There is no release to go back to.');
    this.#checkIdle();
    await this.#installer.rollBack();
    this.dispatch({ type: 'released', trial: false });
  }

  #checkIdle(): void {
    if (this.#updateAbort !== undefined || this.#life.state === 'installing')
      throw new DomainError('conflict', 'updating', 'An installation is under way. Wait until it is done.');
  }

  /** A stop that came while it was installing takes effect now. */
  #afterInstall(event: LifecycleEvent): void {
    this.dispatch(this.#life.state === 'stopping' ? { type: 'exited', reason: '' } : event);
  }

  async #spawn(): Promise<void> {
    const { app, id, log, runtimeOf } = this.#options;
    try {
      await this.#saving;
      const [info, start] = await Promise.all([app.nodeServers.get(id), app.nodeServers.start(id)]);
      if (info === undefined || start === undefined) return;
      const runtime = runtimeOf(info.runtime);
      const words = new LastWords();
      const program = await prepareProgram(
        app,
        { folder: this.#installer.releases.folder(info.installed?.number ?? 1), runtime, info },
        ServerJson.parse(info.serverJson),
        start,
        (stream, text) => {
          words.add(stream, text);
          log.add(stream, text);
        },
      );
      // A stop came in between, or it was deleted.
      if (this.#life.state !== 'starting' || this.#closed)
        return this.dispatch({ type: 'exited', reason: '' });
      log.add('service', `Starting ${String(info.serverJson.executable)}`);
      const running = await runtime.run(program);
      this.#running = running;
      this.#connectTimer = setTimeout(() => this.dispatch({ type: 'connectTimedOut' }), CONNECT_MS);
      if (running.pid !== undefined)
        void writeFile(this.#pidPath, String(running.pid)).catch(() => undefined);
      const { reason, success, isWhole } = await running.ended;
      this.#running = undefined;
      log.add('service', reason);
      const said = success || isWhole ? undefined : words.text;
      this.dispatch({ type: 'exited', reason: withLastWords(reason, said && log.masked(said)) });
    } catch (error) {
      log.add('service', `It could not be started: ${messageOf(error)}`, 'error');
      this.dispatch({ type: 'exited', reason: `It could not be started: ${messageOf(error)}` });
    }
  }

  async #stop(): Promise<void> {
    const { app, id, worker, log } = this.#options;
    const running = this.#running;
    // Still installing, or about to be started: those look at the state themselves.
    this.#abort.abort();
    if (running === undefined) return;
    const timer = setTimeout(() => {
      log.add('service', `It did not stop within ${STOP_MS / 1000} seconds and is ended`, 'warning');
      running.kill();
    }, STOP_MS);
    void running.ended.then(() => clearTimeout(timer));
    await app.nodeServers.send({ id, worker }, { stop: '' }).catch(() => undefined);
  }

  readonly #unexpected = (error: unknown): void =>
    this.#options.app.logger.error({ err: error }, 'a release could not be kept');

  #save(): void {
    const { app, id } = this.#options;
    const { state, reason } = this.#life;
    this.#saving = this.#saving
      .then(() => app.nodeServers.setState(id, { state, stateReason: reason }))
      .catch((error: unknown) =>
        app.logger.warn({ err: error }, 'the state of a worker could not be written'),
      );
  }

  get #pidPath(): string {
    return join(this.#options.folder, 'worker.pid');
  }

  /** A `kill -9` of the service may leave the last run's process behind: there must never be two of one worker. */
  async #endLeftover(runtime: string): Promise<void> {
    await this.#options.runtimeOf(runtime).endLeftover?.(this.#options.worker);
    const pid = Number(await readFile(this.#pidPath, 'utf8').catch(() => ''));
    await rm(this.#pidPath, { force: true });
    if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(this.#options.worker)) await endProcess(-pid, ['SIGTERM', 'SIGKILL'], 1000);
  }
}
