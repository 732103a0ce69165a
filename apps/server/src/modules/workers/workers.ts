import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
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
  readonly #runtime: Runtime;
  readonly #supervisors = new Map<string, Supervisor>();
  readonly #logs = new Map<string, WorkerLog>();
  /** Followers of the logs of workers the user runs: those send their log only while somebody listens. */
  readonly #localFollowers = new Map<string, number>();

  constructor(app: FastifyInstance, runtime: Runtime) {
    this.#app = app;
    this.#runtime = runtime;
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

  connection(id: string, connected: boolean): void {
    if (connected) this.#supervisors.get(id)?.dispatch({ type: 'connected' });
  }

  async restartRequested(id: string): Promise<void> {
    const info = await this.#app.nodeServers.get(id);
    if (info === undefined) return;
    this.logOf(id).add('service', 'The worker asks to be restarted');
    await this.act(info, 'restart');
  }

  /** Ends the process and removes the files of a node server that is being deleted. */
  async remove({ id }: { id: string }): Promise<void> {
    await this.#supervisors.get(id)?.destroy();
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
        runtime: this.#runtime,
      });
      this.#supervisors.set(id, supervisor);
    }
    return supervisor;
  }

  #folder(id: string): string {
    return join(this.#app.config.dataDir, 'workers', id);
  }
}
