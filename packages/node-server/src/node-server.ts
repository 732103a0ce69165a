import { EventEmitter } from 'node:events';
import type { NodeServerRecord, ServerJson } from '@polyrelay/contract';
import { Backoff } from './backoff.js';
import { type ConnectionOptions, resolveConnection } from './connection.js';
import type { Controller } from './controller.js';
import type { KeyedDocument } from './documents.js';
import { NodeServerError, reasonOf, stopped } from './errors.js';
import { goodbye, leave, type Parting, removed } from './farewell.js';
import { within } from './hooks.js';
import { dispatch, type InboundPort } from './inbound.js';
import { Logger, levelFrom } from './log.js';
import type { Node } from './node.js';
import type { NodeServerEvents, NodeServerOptions } from './node-server-options.js';
import type { Notices } from './notices.js';
import { OAuth } from './oauth.js';
import { type Parts, partsOf } from './parts.js';
import type { PollSettings } from './polls.js';
import type { Profile } from './profile.js';
import { readServerJson } from './server-json.js';
import { onSignals } from './signals.js';
import type { WebhookHandler } from './webhooks.js';
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
  readonly customParams: KeyedDocument;
  /** What this node server keeps over restarts, such as tokens; never shown to anybody. */
  readonly customData: KeyedDocument;
  readonly notices: Notices;
  /** Names of values and forms of commands, for the dashboard. */
  readonly profile: Profile;
  /** The link to the user's account at a provider. */
  readonly oauth = new OAuth(() => this.record);

  readonly #options: NodeServerOptions;
  readonly #parts: Parts;
  #phase: Phase = 'new';
  #folder = '.';
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
    this.#parts = partsOf(this, options, () => this.#folder);
    this.customParams = this.#parts.kept.customParams;
    this.customData = this.#parts.kept.customData;
    this.notices = this.#parts.notices;
    this.profile = this.#parts.profile;
  }

  /** The newest record (PGC section 5). */
  get record(): Readonly<NodeServerRecord> {
    return this.#parts.kept.record;
  }

  /** server.json of the node server's folder, when there is one. */
  get serverJson(): Partial<ServerJson> | undefined {
    return this.#serverJson;
  }

  /** The nodes added in this run, the controller's own included. `record.nodes` has those of earlier runs too. */
  get nodes(): ReadonlyMap<string, Node> {
    return this.#parts.registry.nodes;
  }

  get connected(): boolean {
    return this.#parts.line.connected;
  }

  /** Seconds between polls. */
  get polls(): PollSettings {
    return this.#parts.polls.current;
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
      await this.#parts.registry.add(this.controller, this.controller.address);
      if ((this.#options.profile ?? 'auto') === 'auto') await this.profile.uploadUnasked();
      await this.controller.start();
      if (this.#phase !== 'starting') return;
      this.#phase = 'running';
      this.#parts.polls.start();
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
      await this.#parts.registry.add(node, this.controller.address);
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
    return this.#parts.registry.remove(typeof node === 'string' ? node : node.address);
  }

  /** Reports every driver of every node. */
  reportAll(): void {
    for (const node of this.nodes.values()) node.reportDrivers();
  }

  /** Changes the polls, here and at the service. */
  async setPolls(polls: PollSettings): Promise<void> {
    this.#parts.polls.set(polls);
    await this.#parts.send({ polls });
  }

  /**
   * Takes what is sent to this node server's webhook URL, by any method; called once. A handler has 10 seconds to
   * answer: after that the caller is told 202, and what it returns is dropped.
   */
  onWebhook(handler: WebhookHandler): void {
    this.#parts.webhooks.handle(handler);
  }

  /** The webhook URL, to be registered at the other side; known a moment after `onWebhook` (event `webhookUrl`). */
  get webhookUrl(): string | undefined {
    return this.#parts.webhooks.url;
  }

  /** Asks the service to stop and start this node server. */
  restart(): Promise<void> {
    return this.#parts.send({ restart: {} });
  }

  /** Asks for the record anew. */
  async refresh(): Promise<Readonly<NodeServerRecord>> {
    const next = new Promise<Readonly<NodeServerRecord>>((resolve) => this.once('config', resolve));
    await this.#parts.send({ config: {} });
    return next;
  }

  /** Resolves when everything so far was sent and acknowledged. */
  async flush(): Promise<void> {
    this.#parts.outbox.flush();
    await this.#parts.line.drain();
  }

  async #connect(options: ConnectionOptions): Promise<void> {
    this.#folder = options.folder ?? '.';
    this.#serverJson = await readServerJson(this.#folder);
    const connection = await resolveConnection(options);
    if (this.#stopped) throw stopped();
    this.#accept(connection.record);
    const wire = new Wire(connection, this.log, new Backoff(this.#options.backoff));
    this.#parts.line.use(wire);
    wire.on('up', (again) => this.#up(again));
    wire.on('down', () => this.emit('disconnected'));
    wire.on('message', (message) => dispatch(this.#inbound, message));
    if (this.#options.signals ?? true)
      this.#ignoreSignals = onSignals(() => leave(this.#parting, 'stop', this.stop()));
    await wire.connect();
  }

  #up(again: boolean): void {
    void this.#parts.line.publish({ connected: true }).catch(() => {});
    this.#parts.webhooks.announce();
    if (again) {
      // What the service said meanwhile is gone.
      void this.#parts.line.publish({ config: {} }).catch(() => {});
      this.#parts.registry.repeat();
    }
    this.#parts.outbox.flush();
    this.emit('connected', again);
  }

  #accept(record: NodeServerRecord): void {
    const { first, paramsChanged } = this.#parts.kept.accept(record);
    this.#parts.registry.accept(record);
    this.#parts.polls.set(record);
    if (first) return;
    this.emit('config', record);
    void this.#parts.hooks.run('config', () => this.controller.config(record));
    if (!paramsChanged) return;
    void this.#parts.hooks.run('customParams', () => this.controller.customParams(this.customParams.all));
  }

  /** What a farewell needs. */
  readonly #parting: Parting = {
    controller: () => this.controller,
    run: (hook, work) => this.#parts.hooks.run(hook, work),
    pause: () => this.#parts.polls.close(),
    lastWord: async () => {
      this.#phase = 'stopping';
      if (this.connected)
        await Promise.all([this.#parts.send({ connected: false }), this.#parts.line.drain()]);
    },
    close: () => this.#close(),
    exit: (code) => (this.#options.exit ?? process.exit)(code),
  };

  /** What messages of the service may do. */
  readonly #inbound: InboundPort = {
    log: () => this.log,
    hooks: () => this.#parts.hooks,
    controller: () => this.controller,
    node: (address) => this.nodes.get(address),
    config: (record) => this.#accept(record),
    result: (result) => this.#parts.registry.answer(result),
    polls: (polls) => this.#parts.polls.set(polls),
    webhooks: () => this.#parts.webhooks,
    report: (requestId, success) =>
      void this.#parts.send({ report: { requestId, success } }, 'isy').catch(() => {}),
    whenStarted: (work) => (this.#phase === 'running' ? work() : void this.#waiting.push(work)),
    stop: () => leave(this.#parting, 'stop', this.stop()),
    delete: () => {
      this.#stopped ??= removed(this.#parting);
      leave(this.#parting, 'delete', this.#stopped);
    },
    followLog: (follower, on) =>
      on ? this.#parts.logStream.start(follower) : this.#parts.logStream.stop(follower),
  };

  #close(): Promise<void> {
    this.#phase = 'stopping';
    this.#ignoreSignals();
    this.#parts.polls.close();
    this.notices.close();
    this.#parts.logStream.close();
    this.#parts.registry.close(stopped());
    this.#parts.outbox.clear(stopped());
    return within(300, this.#parts.line.close());
  }
}
