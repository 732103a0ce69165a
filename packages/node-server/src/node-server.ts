import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { NodeServerRecord, ServerJson } from '@polyrelay/contract';
import { Backoff } from './backoff.js';
import { type ConnectionOptions, resolveConnection } from './connection.js';
import type { Controller } from './controller.js';
import { KeyedDocument } from './documents.js';
import { NodeServerError, reasonOf, stopped } from './errors.js';
import { goodbye, leave, type Parting, removed } from './farewell.js';
import { Hooks, within } from './hooks.js';
import { dispatch, type InboundPort } from './inbound.js';
import { Logger, levelFrom } from './log.js';
import { LogStream } from './log-stream.js';
import type { Node } from './node.js';
import type { NodeServerEvents, NodeServerOptions } from './node-server-options.js';
import { Notices } from './notices.js';
import { OAuth } from './oauth.js';
import { Outbox } from './outbox.js';
import { type PollSettings, Polls } from './polls.js';
import { Profile } from './profile.js';
import { Registry } from './registry.js';
import { readServerJson } from './server-json.js';
import { onSignals } from './signals.js';
import { Wire } from './wire.js';

type Phase = 'new' | 'starting' | 'running' | 'stopping';

/**
 * A node server: connects a `Controller` and its nodes with the service. One a process.
 *
 * ```ts
 * await new NodeServer(new MyController()).start();
 * ```
 */
export class NodeServer extends EventEmitter<NodeServerEvents> {
  readonly controller: Controller;
  readonly log: Logger;
  /** What the user enters for this node server. */
  readonly customParams = new KeyedDocument((whole) => this.#send({ customparams: whole }));
  /** What this node server keeps over restarts, such as tokens; never shown to anybody. */
  readonly customData = new KeyedDocument((whole) => this.#send({ customdata: whole }));
  readonly notices: Notices;
  /** Names of values and forms of commands, for the dashboard. */
  readonly profile: Profile;
  /** The link to the user's account at a provider. */
  readonly oauth = new OAuth(() => this.record);

  readonly #options: NodeServerOptions;
  readonly #noticeDocument = new KeyedDocument((whole) => this.#send({ notices: whole }));
  readonly #hooks: Hooks;
  readonly #outbox: Outbox;
  readonly #registry: Registry;
  readonly #polls: Polls;
  readonly #logStream: LogStream;
  #phase: Phase = 'new';
  #wire: Wire | undefined;
  #folder = '.';
  #record: NodeServerRecord | undefined;
  #serverJson: Partial<ServerJson> | undefined;
  #stopped: Promise<void> | undefined;
  #ignoreSignals = () => {};
  /** Messages for the author's code that came before `controller.start` was through. */
  readonly #waiting: (() => void)[] = [];

  constructor(controller: Controller, options: NodeServerOptions = {}) {
    super();
    this.controller = controller;
    this.#options = options;
    this.log = options.log ?? new Logger('NodeServer', levelFrom(process.env.LOG_LEVEL));
    this.notices = new Notices(this.#noticeDocument);
    this.profile = new Profile({
      log: this.log,
      customData: this.customData,
      folder: () => this.#folder,
      version: () => this.#serverJson?.profile_version,
      firstRun: () => this.record.firstRun,
      send: (file) => this.#send({ uploadProfile: file }, 'isy'),
    });
    this.#hooks = new Hooks(this.log);
    const connected = () => this.connected;
    this.#outbox = new Outbox((keys) => this.#publish(keys), connected, options.batchWindowMs ?? 5);
    this.#registry = new Registry({
      port: { server: this, command: (event) => void this.#send({ command: event }).catch(() => {}) },
      outbox: this.#outbox,
      record: () => this.record,
      connected,
      timeoutMs: options.addNodeTimeoutMs ?? 30_000,
      removed: (address) => this.emit('nodeRemoved', address),
    });
    this.#polls = new Polls((name) => this.#hooks.run(name, () => this.controller[name]()));
    this.#logStream = new LogStream(this.log, (payload, part) => this.#opened().publishLog(payload, part));
  }

  /** The newest record (PGC section 5). */
  get record(): Readonly<NodeServerRecord> {
    if (this.#record) return this.#record;
    throw new NodeServerError('NOT_STARTED', 'The node server was not started: await start() first');
  }

  /** server.json of the node server's folder, when there is one. */
  get serverJson(): Partial<ServerJson> | undefined {
    return this.#serverJson;
  }

  /** The nodes added in this run, the controller's own included. `record.nodes` has those of earlier runs too. */
  get nodes(): ReadonlyMap<string, Node> {
    return this.#registry.nodes;
  }

  get connected(): boolean {
    return this.#wire?.connected ?? false;
  }

  /** Seconds between polls. */
  get polls(): PollSettings {
    return this.#polls.current;
  }

  /**
   * Connects, adds the controller's node and runs its `start`. Waits for a service that is down; a
   * configuration that cannot work is an error that says what to do.
   */
  async start(options: ConnectionOptions = {}): Promise<void> {
    if (this.#phase !== 'new') throw new NodeServerError('ALREADY_STARTED', 'A node server is started once');
    this.#phase = 'starting';
    try {
      await this.#connect(options);
      await this.#registry.add(this.controller, this.controller.address);
      if ((this.#options.profile ?? 'auto') === 'auto') await this.profile.uploadUnasked();
      await this.controller.start();
      if (this.#phase !== 'starting') return;
      this.#phase = 'running';
      this.#polls.start();
      for (const work of this.#waiting.splice(0)) work();
    } catch (error) {
      // A stop that came meanwhile explains every failure.
      if (this.#stopped) return;
      this.#stopped = this.#close();
      await this.#stopped;
      throw error;
    }
  }

  /** Runs `controller.stop`, says `connected: false` and closes everything; the process is left alone. */
  stop(): Promise<void> {
    this.#stopped ??= goodbye(this.#parting);
    return this.#stopped;
  }

  /** Adds a node, or updates the one of that address; resolves when the service has it and `node.start` ran. */
  addNode<Added extends Node>(node: Added): Promise<Added> {
    const add = async () => {
      await this.#registry.add(node, this.controller.address);
      this.emit('nodeAdded', node);
      await node.start();
      return node;
    };
    const added = add();
    // Not everybody waits: then the log is the place to learn of it.
    added.catch((error: unknown) => this.#phase !== 'stopping' && this.log.error(reasonOf(error)));
    return added;
  }

  /** Removes a node, also one of an earlier run. */
  removeNode(node: Node | string): Promise<void> {
    return this.#registry.remove(typeof node === 'string' ? node : node.address);
  }

  /** Reports every driver of every node. */
  reportAll(): void {
    for (const node of this.nodes.values()) node.reportDrivers();
  }

  /** Changes the polls, here and at the service. */
  async setPolls(polls: PollSettings): Promise<void> {
    this.#polls.set(polls);
    await this.#send({ polls });
  }

  /** Asks the service to stop and start this node server. */
  restart(): Promise<void> {
    return this.#send({ restart: {} });
  }

  /** Asks for the record anew. */
  async refresh(): Promise<Readonly<NodeServerRecord>> {
    const next = new Promise<Readonly<NodeServerRecord>>((resolve) => this.once('config', resolve));
    await this.#send({ config: {} });
    return next;
  }

  /** Resolves when everything so far was sent and acknowledged. */
  async flush(): Promise<void> {
    this.#outbox.flush();
    await this.#wire?.drain();
  }

  async #connect(options: ConnectionOptions): Promise<void> {
    this.#folder = options.folder ?? '.';
    this.#serverJson = await readServerJson(this.#folder);
    const connection = await resolveConnection(options);
    if (this.#stopped) throw stopped();
    this.#accept(connection.record);
    const wire = new Wire(connection, this.log, new Backoff(this.#options.backoff));
    this.#wire = wire;
    wire.on('up', (again) => this.#up(again));
    wire.on('down', () => this.emit('disconnected'));
    wire.on('message', (message) => dispatch(this.#inbound, message));
    if (this.#options.signals ?? true)
      this.#ignoreSignals = onSignals(() => leave(this.#parting, 'stop', this.stop()));
    await wire.connect();
  }

  #up(again: boolean): void {
    void this.#publish({ connected: true }).catch(() => {});
    if (again) {
      // What the service said meanwhile is gone.
      void this.#publish({ config: {} }).catch(() => {});
      this.#registry.repeat();
    }
    this.#outbox.flush();
    this.emit('connected', again);
  }

  #accept(record: NodeServerRecord): void {
    const first = this.#record === undefined;
    const params = this.customParams.all;
    this.#record = record;
    this.customParams.accept(record.customParams);
    this.customData.accept(record.customData);
    this.#noticeDocument.accept(record.notices);
    this.#registry.accept(record);
    this.#polls.set(record);
    if (first) return;
    this.emit('config', record);
    void this.#hooks.run('config', () => this.controller.config(record));
    // Own changes were in `params` already: what differs was changed by the user.
    if (isDeepStrictEqual(params, this.customParams.all)) return;
    void this.#hooks.run('customParams', () => this.controller.customParams(this.customParams.all));
  }

  /** What a farewell needs. */
  readonly #parting: Parting = {
    controller: () => this.controller,
    run: (hook, work) => this.#hooks.run(hook, work),
    pause: () => this.#polls.close(),
    lastWord: async () => {
      this.#phase = 'stopping';
      if (this.connected) await Promise.all([this.#send({ connected: false }), this.#wire?.drain()]);
    },
    close: () => this.#close(),
    exit: (code) => (this.#options.exit ?? process.exit)(code),
  };

  /** What messages of the service may do. */
  readonly #inbound: InboundPort = {
    log: () => this.log,
    hooks: () => this.#hooks,
    controller: () => this.controller,
    node: (address) => this.nodes.get(address),
    config: (record) => this.#accept(record),
    result: (result) => this.#registry.answer(result),
    polls: (polls) => this.#polls.set(polls),
    report: (requestId, success) =>
      void this.#send({ report: { requestId, success } }, 'isy').catch(() => {}),
    whenStarted: (work) => (this.#phase === 'running' ? work() : void this.#waiting.push(work)),
    stop: () => leave(this.#parting, 'stop', this.stop()),
    delete: () => {
      this.#stopped ??= removed(this.#parting);
      leave(this.#parting, 'delete', this.#stopped);
    },
    followLog: (follower, on) => (on ? this.#logStream.start(follower) : this.#logStream.stop(follower)),
  };

  #close(): Promise<void> {
    this.#phase = 'stopping';
    this.#ignoreSignals();
    this.#polls.close();
    this.notices.close();
    this.#logStream.close();
    this.#registry.close(stopped());
    this.#outbox.clear(stopped());
    return within(300, this.#wire?.close() ?? Promise.resolve());
  }

  /** Sends at once, after what the nodes have reported before. */
  #send(keys: Record<string, unknown>, to?: 'ns' | 'isy'): Promise<void> {
    this.#outbox.flush();
    return this.#publish(keys, to);
  }

  async #publish(keys: Record<string, unknown>, to?: 'ns' | 'isy'): Promise<void> {
    await this.#opened().send(keys, to);
  }

  #opened(): Wire {
    if (this.#wire) return this.#wire;
    throw new NodeServerError('NOT_STARTED', 'The node server was not started: await start() first');
  }
}
