import type { NodeServerRecord, WireStatus, WorkerMessage, WorkerStart } from '@polyrelay/contract';
import type { MqttClient } from 'mqtt';
import type { Inbox, Received } from './inbox.js';

/** What `addNode` needs; the rest has the defaults of the old modules. */
export interface SimulatedNode {
  address: string;
  name?: string;
  nodedefid?: string;
  primary?: string;
  drivers?: Record<string, { value: string | number; uom: string | number }>;
  isController?: boolean;
  hint?: string;
}

type Predicate = (message: WorkerMessage, topic: string) => boolean;

/** A connected worker: one method a command key of PGC section 4. Each resolves when the broker acknowledged. */
export class SimulatedWorker {
  readonly client: MqttClient;
  readonly start: WorkerStart;
  readonly record: NodeServerRecord;
  readonly inbox: Inbox<WorkerMessage>;
  /** Resolves when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;
  readonly #qos: 0 | 1;

  constructor(
    client: MqttClient,
    start: WorkerStart,
    inbox: Inbox<WorkerMessage>,
    qos: 0 | 1,
    obeyStop: boolean,
  ) {
    this.client = client;
    this.start = start;
    this.record = start.nodeServer;
    this.inbox = inbox;
    this.#qos = qos;
    this.closed = new Promise((resolve) => client.once('close', () => resolve()));
    if (obeyStop) {
      client.on('message', (_topic, payload) => {
        if ('stop' in (JSON.parse(payload.toString('utf8')) as WorkerMessage)) void this.stop();
      });
    }
  }

  get messages(): Received<WorkerMessage>[] {
    return this.inbox.all;
  }

  /** Publishes command keys in the envelope; `to` is the topic below the stage: `ns` or `isy`. */
  async send(keys: Record<string, unknown>, to = 'ns'): Promise<void> {
    const { userId, worker, profileNum, id } = this.record;
    const message = { ...keys, userId, topic: `${this.start.stage}/ns/${worker}`, profileNum, id };
    await this.raw(`${this.start.stage}/${to}`, JSON.stringify(message));
  }

  /** Publishes any bytes on any topic, for what must be refused. */
  async raw(topic: string, payload: string | Buffer): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: this.#qos });
  }

  connected(value: boolean): Promise<void> {
    return this.send({ connected: value });
  }

  /** Adds the node and resolves with the result the service answered. */
  async addNode(node: SimulatedNode, timeoutMs?: number): Promise<WorkerMessage> {
    const from = this.mark();
    await this.send({ addnode: wireNode(node) });
    const isAnswer: Predicate = ({ result }) =>
      [result?.addnode ?? []].flat().some(({ address }) => address === node.address);
    return (await this.waitFor(isAnswer, timeoutMs, from)).message;
  }

  /** The `controller` node, as every module adds it first. */
  addController(name = 'Controller', timeoutMs?: number): Promise<WorkerMessage> {
    const drivers = { ST: { value: 1, uom: 2 } };
    return this.addNode(
      { address: 'controller', name, nodedefid: 'controller', drivers, isController: true },
      timeoutMs,
    );
  }

  removeNode(address: string): Promise<void> {
    return this.send({ removenode: { address } });
  }

  status(address: string, driver: string, value: string | number, uom: string | number): Promise<void> {
    return this.send({ status: { address, driver, value, uom } });
  }

  batch(batch: {
    addnode?: SimulatedNode[];
    removenode?: { address: string }[];
    status?: WireStatus[];
  }): Promise<void> {
    const { addnode, ...rest } = batch;
    return this.send({ batch: { ...(addnode ? { addnode: addnode.map(wireNode) } : {}), ...rest } });
  }

  /** An event of the node, such as `DON`. */
  reportCommand(
    address: string,
    command: string,
    value?: string | number,
    uom?: string | number,
  ): Promise<void> {
    return this.send({ command: { address, command, value, uom } });
  }

  customParams(params: Record<string, unknown>): Promise<void> {
    return this.send({ customparams: params });
  }

  customData(data: Record<string, unknown>): Promise<void> {
    return this.send({ customdata: data });
  }

  notices(notices: Record<string, unknown>): Promise<void> {
    return this.send({ notices });
  }

  /** The notice every OAuth node server raises: a link to `oauth.url + worker` (PGC section 6.2). */
  signInNotice(text = 'here', key = 'auth'): Promise<void> {
    const url = `${this.record.oauth.url}${this.record.worker}`;
    return this.notices({ [key]: `Click <a href="${url}">${text}</a> to link your account` });
  }

  polls(shortPoll: number | string, longPoll: number | string): Promise<void> {
    return this.send({ polls: { shortPoll, longPoll } });
  }

  /** Asks for the record and resolves with it. */
  async config(timeoutMs?: number): Promise<NodeServerRecord> {
    const from = this.mark();
    await this.send({ config: {} });
    return this.waitForConfig(() => true, timeoutMs, from);
  }

  restart(): Promise<void> {
    return this.send({ restart: {} });
  }

  /** `content` as text; sent base64 with line breaks, as the Python module does. */
  uploadProfile(type: 'nodedef' | 'editor' | 'nls', filename: string, content: string): Promise<void> {
    const payload = Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\n').concat('\n');
    return this.send({ uploadProfile: { type, filename, payload } }, 'isy');
  }

  /** The answer to a command that carried `query.requestId`. */
  report(requestId: string, success: boolean): Promise<void> {
    return this.send({ report: { requestId, success } }, 'isy');
  }

  mark(): number {
    return this.inbox.mark();
  }

  waitFor(predicate: Predicate, timeoutMs?: number, from?: number): Promise<Received<WorkerMessage>> {
    return this.inbox.waitFor(predicate, timeoutMs, from);
  }

  async waitForConfig(
    predicate: (config: NodeServerRecord) => boolean,
    timeoutMs?: number,
    from?: number,
  ): Promise<NodeServerRecord> {
    const found = await this.waitFor(
      ({ config }) => config !== undefined && predicate(config),
      timeoutMs,
      from,
    );
    return found.message.config as NodeServerRecord;
  }

  /** Leaves politely: `connected: false`, then DISCONNECT, which discards the last will. */
  async stop(): Promise<void> {
    // A broker that closes the connection meanwhile acknowledges nothing.
    if (this.client.connected) await Promise.race([this.connected(false), this.closed]);
    await this.client.endAsync();
  }

  /** Cuts the connection without a word: the broker publishes the last will. */
  async kill(): Promise<void> {
    this.client.stream.destroy();
    await this.closed;
    await this.client.endAsync(true);
  }
}

const wireNode = (node: SimulatedNode) => ({
  address: node.address,
  name: node.name ?? node.address,
  nodedefid: node.nodedefid ?? 'demo',
  primary: node.primary ?? (node.isController ? node.address : 'controller'),
  drivers: node.drivers ?? { ST: { value: '0', uom: '2' } },
  isController: node.isController ?? false,
  ...(node.hint === undefined ? {} : { hint: node.hint }),
});
