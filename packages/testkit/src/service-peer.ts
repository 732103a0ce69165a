import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeServerRecord, WorkerMessage, WorkerStart } from '@polyrelay/contract';
import { Inbox } from './inbox.js';
import type { TestBroker } from './mutual-tls-broker.js';
import { applyRequest, type Requests } from './service-record.js';
import { pgcSession } from './vectors.js';

export interface ServicePeerOptions {
  /** Over the recorded session's first record. */
  record?: Partial<NodeServerRecord>;
  /** Default `test`, as in the recording. */
  stage?: string;
  /** `false`: nothing is answered by itself, for replaying a recording. */
  answers?: boolean;
}

/**
 * The service's side of one worker's wire, as small as it can be: keeps the record, answers as PGC
 * section 4 says, sends one coalesced config. For tests of node servers without the service.
 */
export class ServicePeer {
  readonly requests = new Inbox<Requests>();
  /** Addresses that are refused, with the reason. */
  readonly refused = new Map<string, string>();
  record: NodeServerRecord;
  readonly stage: string;
  readonly pgUrl: string;
  readonly start: WorkerStart;
  readonly #broker: TestBroker;
  readonly #http: Server;
  readonly #answers: boolean;
  #configDue: NodeJS.Immediate | undefined;

  constructor(broker: TestBroker, http: Server, start: WorkerStart, answers: boolean) {
    this.#broker = broker;
    this.#http = http;
    this.#answers = answers;
    this.start = start;
    this.stage = start.stage;
    this.record = structuredClone(start.nodeServer);
    this.pgUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/api/sys/nsgetioturl?params=test`;
    broker.aedes.subscribe(`${this.stage}/#`, this.#listener, () => {});
  }

  /** Sends to the worker. */
  say(message: WorkerMessage | Record<string, unknown>): Promise<void> {
    const payload = JSON.stringify(message);
    const topic = `${this.stage}/ns/${this.record.worker}`;
    return new Promise((resolve, reject) => {
      this.#broker.aedes.publish(
        { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false },
        (error) => (error ? reject(error) : resolve()),
      );
    });
  }

  /** Changes the record, as the user does on the dashboard, and sends it. */
  async change(change: Partial<NodeServerRecord>): Promise<void> {
    Object.assign(this.record, change);
    await this.say({ config: this.record });
  }

  mark(): number {
    return this.requests.mark();
  }

  /** The first request from position `from` on that has the key, and that the test accepts. */
  async waitFor<Key extends keyof Requests>(
    key: Key,
    accepts: (value: NonNullable<Requests[Key]>) => boolean = () => true,
    { timeoutMs = 15_000, from = 0 }: { timeoutMs?: number; from?: number } = {},
  ): Promise<NonNullable<Requests[Key]>> {
    const isIt = (request: Requests) => key in request && accepts(request[key] as NonNullable<Requests[Key]>);
    const { message } = await this.requests.waitFor(isIt, timeoutMs, from);
    return message[key] as NonNullable<Requests[Key]>;
  }

  /** Every value of a key so far. */
  seen<Key extends keyof Requests>(key: Key, from = 0): NonNullable<Requests[Key]>[] {
    return this.requests.all.slice(from).flatMap(({ message }) => message[key] ?? []) as NonNullable<
      Requests[Key]
    >[];
  }

  async close(): Promise<void> {
    clearImmediate(this.#configDue);
    this.#broker.aedes.unsubscribe(`${this.stage}/#`, this.#listener, () => {});
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  readonly #listener = (packet: { topic: string; payload: Buffer | string }, done: () => void): void => {
    done();
    if (packet.topic.startsWith(`${this.stage}/ns/`)) return;
    const request = parse(packet.payload);
    if (typeof request.topic === 'string' && request.topic !== `${this.stage}/ns/${this.record.worker}`)
      return;
    if (this.#answers) this.#answer(request);
    this.requests.put(packet.topic, request);
  };

  #answer(request: Requests): void {
    const { answers, changed } = applyRequest(this.record, request, this.refused);
    for (const answer of answers) void this.say(answer);
    if (!changed) return;
    this.#configDue ??= setImmediate(() => {
      this.#configDue = undefined;
      void this.say({ config: this.record });
    });
  }
}

/** The log file is bytes; everything else is JSON. */
const parse = (payload: Buffer | string): Requests => {
  const bytes = Buffer.from(payload);
  return bytes[0] === 0x78 ? { logFile: bytes } : (JSON.parse(bytes.toString('utf8')) as Requests);
};

/** The record of the recorded session, as its first config shows it. */
const recordedRecord = (): NodeServerRecord => {
  for (const { payload } of pgcSession()) {
    if (typeof payload === 'object' && 'config' in payload) return payload.config as NodeServerRecord;
  }
  throw new Error('The recorded session holds no config');
};

/** Starts the peer for one worker, with a PGURL that answers. Several of them may share a broker. */
export const servicePeer = async (
  broker: TestBroker,
  options: ServicePeerOptions = {},
): Promise<ServicePeer> => {
  const record = { ...recordedRecord(), nodes: {}, ...options.record };
  const { cert, key } = await broker.authority.issue(record.worker);
  const start: WorkerStart = {
    nodeServer: record,
    iotHost: 'localhost',
    stage: options.stage ?? 'test',
    iotCert: cert,
    iotPrivateKey: key,
    caCert: broker.authority.caCert,
  };
  const http = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...start, nodeServer: peer.record }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const peer = new ServicePeer(broker, http, start, options.answers ?? true);
  return peer;
};
