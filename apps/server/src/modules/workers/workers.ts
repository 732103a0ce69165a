import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { LogLevel, RuntimeName, Source } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { WorkerLog } from './logs/log.js';
import { SentRecords } from './logs/printed.js';
import { removeTree } from './remove.js';
import type { Runtime } from './runtimes/types.js';
import { Supervisor } from './supervisor.js';

type NodeServerInfo = Awaited<ReturnType<FastifyInstance['nodeServers']['all']>>[number];

/** A node server as far as its worker goes. */
interface Target {
  id: string;
  worker: string;
  runtime: string;
  state: string;
}

const FLOODING = 'It writes too much to its log: not every line is kept.';

/** All workers of this service: one supervisor and one log each. */
export class Workers {
  readonly #app: FastifyInstance;
  readonly #runtimes: Map<string, Runtime>;
  readonly #supervisors = new Map<string, Supervisor>();
  readonly #logs = new Map<string, WorkerLog>();
  #isStopped = false;
  readonly #sent = new Map<string, SentRecords>();
  /** Workers that write more than is kept. */
  readonly #flooding = new Set<string>();
  /** Followers of the logs of workers the user runs: those send their log only while somebody listens. */
  readonly #localFollowers = new Map<string, number>();

  /** @param runtimes those that work here */
  constructor(app: FastifyInstance, runtimes: Runtime[]) {
    this.#app = app;
    this.#runtimes = new Map(runtimes.map((runtime) => [runtime.name, runtime]));
  }

  /** Starts all workers that the user wants to run. */
  async start(): Promise<void> {
    await this.#app.nodeServers
      .allocateMissingPorts()
      .catch((error: unknown) => this.#app.logger.warn({ err: error }, 'a node server got no port'));
    for (const info of await this.#app.nodeServers.all()) {
      if (info.state === 'deleting' || info.runtime === 'local') continue;
      await this.#endCutOff(info);
      if (info.desired === 'running') this.#supervisor(info).dispatch({ type: 'start' });
      else if (info.state !== 'stopped')
        await this.#app.nodeServers.setState(info.id, { state: 'stopped', stateReason: '' });
    }
  }

  /** An update that the service's end cut off would seem to be under way for ever. */
  async #endCutOff({ id, installation }: NodeServerInfo): Promise<void> {
    if (installation?.state !== 'running') return;
    const endedAt = new Date().toISOString();
    await this.#app.nodeServers.setInstallation(id, {
      ...installation,
      state: 'failed',
      reason: 'The service ended meanwhile.',
      steps: installation.steps.map((step) =>
        step.state === 'running' ? { ...step, state: 'failed', endedAt } : step,
      ),
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#supervisors.values()].map((supervisor) => supervisor.close()));
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.close?.()));
    this.#isStopped = true;
    for (const sent of this.#sent.values()) sent.close();
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }

  /** A node server was registered. */
  async added(id: string): Promise<void> {
    const info = await this.#app.nodeServers.get(id);
    if (info !== undefined && info.runtime !== 'local' && info.desired === 'running')
      this.#supervisor(info).dispatch({ type: 'start' });
  }

  /** Does what the user asks for, and remembers it for the next start of the service. */
  async act(target: Target, action: 'start' | 'stop' | 'restart'): Promise<void> {
    if (target.state === 'deleting')
      throw new DomainError('conflict', 'beingDeleted', 'This node server is being deleted.');
    if (target.runtime === 'local') {
      if (action === 'start')
        throw new DomainError(
          'conflict',
          'runsElsewhere',
          'You run this worker yourself: start it with its PGURL.',
        );
      // It ends; whoever runs it starts it again.
      await this.#app.nodeServers.send(target, { stop: '' });
      return;
    }
    await this.#app.nodeServers.setState(target.id, { desired: action === 'stop' ? 'stopped' : 'running' });
    const supervisor = this.#supervisor(target);
    supervisor.dispatch({ type: action });
    await supervisor.saved;
  }

  /** @throws DomainError when the service does not run it, or not any more */
  checkRunsHere(target: Target): void {
    if (target.state === 'deleting')
      throw new DomainError('conflict', 'beingDeleted', 'This node server is being deleted.');
    if (target.runtime === 'local')
      throw new DomainError(
        'conflict',
        'runsElsewhere',
        'You run this worker yourself, and update it there.',
      );
  }

  connection(id: string, connected: boolean): void {
    if (!connected) return;
    this.#supervisors.get(id)?.dispatch({ type: 'connected' });
    if (this.#flooding.has(id)) this.#tellFlood(id);
  }

  async restartRequested(id: string): Promise<void> {
    const info = await this.#app.nodeServers.get(id);
    if (info === undefined) return;
    this.logOf(id).add('service', 'The worker asks to be restarted');
    if (info.runtime === 'local') await this.act(info, 'restart');
    else this.#supervisors.get(id)?.dispatch({ type: 'restartAsked' });
  }

  /** Another runtime was chosen for a node server: it changes over, or ends here when the user runs it from now on. */
  async runtimeChanged(id: string): Promise<void> {
    const info = await this.#app.nodeServers.get(id);
    const supervisor = this.#supervisors.get(id);
    if (info === undefined) return;
    if (info.runtime === 'local') supervisor?.dispatch({ type: 'stop' });
    else if (info.desired === 'running') this.#supervisor(info).dispatch({ type: 'restart' });
  }

  /** @throws DomainError when there is nothing to update, or an installation is under way */
  update(target: Target, source: Source): void {
    this.checkRunsHere(target);
    this.#supervisor(target).update(source);
  }

  async goBack(target: Target): Promise<void> {
    this.checkRunsHere(target);
    await this.#supervisor(target).goBack();
  }

  /** Ends the process and removes the files of a node server that is being deleted. */
  async remove({ id, patienceMs }: { id: string; patienceMs: number }): Promise<void> {
    await this.#supervisors.get(id)?.destroy(patienceMs);
    this.#supervisors.delete(id);
    this.#flooding.delete(id);
    this.#sent.get(id)?.close();
    this.#sent.delete(id);
    await this.#logs.get(id)?.close();
    this.#logs.delete(id);
    await removeTree(this.#folder(id));
  }

  logOf(id: string): WorkerLog {
    let log = this.#logs.get(id);
    if (log === undefined) {
      log = new WorkerLog(join(this.#folder(id), 'worker.log'), () => this.#app.nodeServers.logSettings(id));
      this.#logs.set(id, log);
      log.follow({ status: ({ flood }) => this.#floodChanged(id, flood !== null) });
      // What a broker that closes has to say comes too late.
      if (this.#isStopped) void log.close();
    }
    return log;
  }

  /** The level of a log, or what must not stand in it, has changed. */
  async reloadLog(id: string): Promise<void> {
    await this.#logs.get(id)?.reload();
  }

  /** Lines of its log that a worker sent over MQTT; what the service has from its output, too, is left out. */
  sentLines(
    id: string,
    records: { level: LogLevel; text: string; at: Date | undefined }[],
    isPrinted: boolean,
  ): void {
    const log = this.logOf(id);
    if (!isPrinted) {
      for (const { level, text, at } of records) log.add('mqtt', text, level, at);
      return;
    }
    const sent = this.#sent.get(id) ?? new SentRecords(log);
    this.#sent.set(id, sent);
    sent.add(records);
  }

  /** Somebody follows the log of a worker; one that the user runs is asked for its stream. @returns a function for when they stop */
  followedLocal(target: Target): () => void {
    if (target.runtime !== 'local') return () => undefined;
    const count = this.#localFollowers.get(target.id) ?? 0;
    this.#localFollowers.set(target.id, count + 1);
    const clientId = randomUUID();
    const ask = (key: 'startLogStream' | 'stopLogStream'): void => {
      this.#app.nodeServers.send(target, { [key]: { ns: target.worker }, clientId }).catch(() => undefined);
    };
    if (count === 0) ask('startLogStream');
    return () => {
      const left = (this.#localFollowers.get(target.id) ?? 1) - 1;
      this.#localFollowers.set(target.id, left);
      if (left === 0) ask('stopLogStream');
    };
  }

  #floodChanged(id: string, isFlooding: boolean): void {
    if (this.#flooding.has(id) === isFlooding) return;
    if (isFlooding) this.#flooding.add(id);
    else this.#flooding.delete(id);
    this.#tellFlood(id);
  }

  /** Says it with the state of a worker that is well otherwise; in every other state the reason is the supervisor's. */
  #tellFlood(id: string): void {
    if (this.#supervisors.get(id)?.state !== 'connected') return;
    const stateReason = this.#flooding.has(id) ? FLOODING : '';
    this.#app.nodeServers
      .setState(id, { stateReason })
      .catch((error: unknown) => this.#app.logger.warn({ err: error }, 'a flooded log could not be told'));
  }

  #supervisor({ id, worker }: Pick<Target, 'id' | 'worker'>): Supervisor {
    let supervisor = this.#supervisors.get(id);
    if (supervisor === undefined) {
      supervisor = new Supervisor({
        app: this.#app,
        id,
        worker,
        folder: this.#folder(id),
        log: this.logOf(id),
        runtimeOf: (name) => this.#runtimeOf(name),
      });
      this.#supervisors.set(id, supervisor);
    }
    return supervisor;
  }

  /** @throws DomainError `noSuchRuntime` when a node server was registered where it was there, and here it is not */
  #runtimeOf(name: string): Runtime {
    const runtime = this.#runtimes.get(name);
    if (runtime !== undefined) return runtime;
    this.#app.nodeServers.runtimes.check(name as RuntimeName);
    throw new DomainError('conflict', 'noSuchRuntime', `The service runs no programs as “${name}”.`);
  }

  #folder(id: string): string {
    return join(this.#app.config.dataDir, 'workers', id);
  }
}
