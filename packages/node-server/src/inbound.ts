import type { DriverScalar, NodeServerRecord, WorkerMessage } from '@polyrelay/contract';
import type { Controller } from './controller.js';
import type { Hooks } from './hooks.js';
import type { Logger } from './log.js';
import type { Command, Node } from './node.js';
import { parseCallback } from './oauth.js';
import type { Webhooks } from './webhooks.js';

/** What messages from the service act upon. */
export interface InboundPort {
  log(): Logger;
  hooks(): Hooks;
  controller(): Controller;
  node(address: string): Node | undefined;
  config(record: NodeServerRecord): void;
  result(result: NonNullable<WorkerMessage['result']>): void;
  polls(settings: NonNullable<WorkerMessage['polls']>): void;
  webhooks(): Webhooks;
  /** Answers a command that asked for it. */
  report(requestId: string, success: boolean): void;
  /** Does it when the author's `start` is through: a code may arrive the moment the worker connects. */
  whenStarted(work: () => void): void;
  stop(): void;
  delete(): void;
  followLog(follower: string, on: boolean): void;
}

type Handlers = {
  [Key in keyof WorkerMessage]-?: (
    port: InboundPort,
    payload: NonNullable<WorkerMessage[Key]>,
    whole: WorkerMessage,
  ) => void;
};

/** Every key of PGC section 4 “to worker”; several may stand in one message. */
const handlers: Handlers = {
  config: (port, record) => port.config(record),
  result: (port, result) => port.result(result),
  polls: (port, settings) => port.polls(settings),
  command: (port, command) => port.whenStarted(() => runCommand(port, command)),
  query: (port, { address }) =>
    port.whenStarted(() => onNode(port, address, 'query', (node) => node.query())),
  status: (port, { address }) =>
    port.whenStarted(() => onNode(port, address, 'status', (node) => node.status())),
  oauth: (port, parameters) => {
    const callback = parseCallback(parameters);
    const answer = () => port.hooks().run('oauth', () => port.controller().oauth(callback));
    port.whenStarted(() => void answer());
  },
  webhook: (port, webhook) => port.whenStarted(() => void port.webhooks().receive(webhook)),
  webhooks: (port, told) => port.webhooks().accept(told),
  stop: (port) => port.stop(),
  delete: (port) => port.delete(),
  startLogStream: (port, _payload, { clientId }) => port.followLog(clientId ?? '', true),
  stopLogStream: (port, _payload, { clientId }) => port.followLog(clientId ?? '', false),
  // Tells a follower of the log from another; nothing by itself.
  clientId: () => {},
};

export const dispatch = (port: InboundPort, message: WorkerMessage): void => {
  for (const [key, payload] of Object.entries(message)) {
    const handle = Object.hasOwn(handlers, key) ? handlers[key as keyof WorkerMessage] : undefined;
    // Envelope keys and keys of a newer service.
    if (handle === undefined || payload === null || payload === undefined) continue;
    (handle as (port: InboundPort, payload: unknown, whole: WorkerMessage) => void)(port, payload, message);
  }
};

/** `all` is the controller's business. */
const onNode = (port: InboundPort, address: string, what: string, work: (node: Node) => unknown): void => {
  const node = address === 'all' ? port.controller() : port.node(address);
  if (node) void port.hooks().queue(node.address, `${what} of ${address}`, () => work(node));
  else port.log().warning(`${what} for ${address}, which is not a node of this node server`);
};

const texts = (values: Record<string, DriverScalar>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

const runCommand = (port: InboundPort, wire: NonNullable<WorkerMessage['command']>): void => {
  const { requestId, ...parameters } = texts(wire.query ?? {});
  const command: Command = {
    address: wire.address,
    cmd: wire.cmd,
    ...(wire.value === undefined ? {} : { value: String(wire.value) }),
    ...(wire.uom === undefined ? {} : { uom: String(wire.uom) }),
    parameters,
  };
  const node = port.node(command.address);
  const run = async () => {
    if (!node) throw new Error(`${command.address} is not a node of this node server`);
    const handler = Object.hasOwn(node.commands, command.cmd) ? node.commands[command.cmd] : undefined;
    if (!handler) throw new Error(`node ${node.address} declares no such command`);
    await handler.call(node.commands, command);
  };
  void port
    .hooks()
    .queue(command.address, `Command ${command.cmd} of ${command.address}`, run)
    .then((success) => {
      if (requestId !== undefined) port.report(requestId, success);
    });
};
