import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeName, Source } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import { WorkerLog } from './logs/log.js';
import type { Runtime } from './runtimes/types.js';
import { Supervisor } from './supervisor.js';

/** A node server as far as its worker goes. */
interface Target {
  id: string;
  worker: string;
  runtime: string;
  state: string;
}

/** All workers of this service: one supervisor and one log each. */
export class Workers {
  readonly #app: FastifyInstance;
  readonly #runtimes: Map<string, Runtime>;
  readonly #supervisors = new Map<string, Supervisor>();
  readonly #logs = new Map<string, WorkerLog>();
  /** Followers of the logs of workers the user runs: those send their log only while somebody listens. */
  readonly #localFollowers = new Map<string, number>();

  /** @param runtimes those that work here */
  constructor(app: FastifyInstance, runtimes: Runtime[]) {
    this.#app = app;
    this.#runtimes = new Map(runtimes.map((runtime) => [runtime.name, runtime]));
  }

  /** Starts all workers that the user wants to run. */
  async start(): Promise<void> {
    for (const info of await this.#app.nodeServers.all()) {
      if (info.state === 'deleting' || info.runtime === 'local') continue;
      if (info.desired === 'running') this.#supervisor(info).dispatch({ type: 'start' });
      else if (info.state !== 'stopped')
        await this.#app.nodeServers.setState(info.id, { state: 'stopped', stateReason: '' });
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#supervisors.values()].map((supervisor) => supervisor.close()));
    await Promise.all([...this.#runtimes.values()].map((runtime) => runtime.close?.()));
    await Promise.all([...this.#logs.values()].map((log) => log.flush()));
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

  #runsHere(target: Target): void {
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
    if (connected) this.#supervisors.get(id)?.dispatch({ type: 'connected' });
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
    this.#runsHere(target);
    this.#supervisor(target).update(source);
  }

  async goBack(target: Target): Promise<void> {
    this.#runsHere(target);
    await this.#supervisor(target).goBack();
  }

  /** Ends the process and removes the files of a node server that is being deleted. */
  async remove({ id, patienceMs }: { id: string; patienceMs: number }): Promise<void> {
    await this.#supervisors.get(id)?.destroy(patienceMs);
    this.#supervisors.delete(id);
    await this.#logs.get(id)?.flush();
    this.#logs.delete(id);
    await rm(this.#folder(id), { recursive: true, force: true });
  }

  logOf(id: string): WorkerLog {
    let log = this.#logs.get(id);
    if (log === undefined) {
      log = new WorkerLog(join(this.#folder(id), 'worker.log'));
      this.#logs.set(id, log);
    }
    return log;
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
