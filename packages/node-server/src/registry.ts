import type { NodeServerRecord, WorkerMessage } from '@polyrelay/contract';
import { Additions } from './additions.js';
import type { DriverState } from './drivers.js';
import { NodeServerError } from './errors.js';
import { attachNode, currentDrivers, detachNode, type Node } from './node.js';
import type { NodePort } from './node-port.js';
import type { AddNodeMessage, Outbox } from './outbox.js';

export interface RegistryOptions {
  port: Pick<NodePort, 'server' | 'command'>;
  outbox: Outbox;
  record: () => Readonly<NodeServerRecord>;
  connected: () => boolean;
  timeoutMs: number;
  removed: (address: string) => void;
}

/** The nodes of this run and their way to and from the service. */
export class Registry {
  readonly nodes = new Map<string, Node>();
  readonly #options: RegistryOptions;
  readonly #additions: Additions;
  readonly #port: NodePort;
  /** Addresses a config has shown; one that is missing later was removed by the user. */
  readonly #shown = new Set<string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    const { outbox, connected, timeoutMs } = options;
    const push = (payload: AddNodeMessage) => void outbox.push({ kind: 'addnode', payload });
    this.#additions = new Additions(push, connected, timeoutMs);
    this.#port = { ...options.port, status: (payload) => void outbox.push({ kind: 'status', payload }) };
  }

  /** Resolves when the service has taken the node. One with the same address is replaced. */
  async add(node: Node, primary: string): Promise<void> {
    const nodedefid = (node.constructor as typeof Node).nodedefId;
    if (!/^[a-z0-9_]{1,14}$/.test(node.address)) {
      const rule = 'an address has 1 to 14 of a–z, 0–9 and _';
      throw new NodeServerError('ADDRESS_INVALID', `“${node.address}” cannot be a node’s address: ${rule}`);
    }
    if (nodedefid === '') {
      const advice = 'write `static override readonly nodedefId = "…"`, the id of its nodedef in the profile';
      throw new NodeServerError('NODEDEF_MISSING', `${node.constructor.name} has no nodedefId: ${advice}`);
    }
    const replaced = this.nodes.get(node.address);
    if (replaced && replaced !== node) detachNode(replaced);
    this.nodes.set(node.address, node);
    const stored = storedDrivers(this.#options.record(), node.address);
    // Starting values first, then what differs from the stored ones: in the order the service applies them.
    const added = this.#additions.add(addNodeMessage(node, nodedefid, primary, stored));
    attachNode(node, this.#port, stored);
    try {
      await added;
    } catch (error) {
      if (this.nodes.get(node.address) === node) this.#forget(node.address);
      throw error;
    }
  }

  remove(address: string): Promise<void> {
    if (this.nodes.has(address)) this.#forget(address);
    return this.#options.outbox.push({ kind: 'removenode', payload: { address } });
  }

  answer(result: NonNullable<WorkerMessage['result']>): void {
    this.#additions.answer(result);
  }

  /** Lets go of nodes the user removed. */
  accept({ nodes = {} }: Readonly<Partial<NodeServerRecord>>): void {
    for (const address of this.nodes.keys()) {
      if (Object.hasOwn(nodes, address)) this.#shown.add(address);
      else if (this.#shown.has(address) && !this.#additions.has(address)) this.#forget(address);
    }
  }

  /** After a reconnection: answers may have been lost. */
  repeat(): void {
    this.#additions.repeat();
  }

  close(reason: Error): void {
    this.#additions.clear(reason);
  }

  #forget(address: string): void {
    const node = this.nodes.get(address);
    if (node) detachNode(node);
    this.nodes.delete(address);
    this.#shown.delete(address);
    this.#options.removed(address);
  }
}

/** What the service kept of a node from an earlier run. */
const storedDrivers = (
  { nodes = {} }: Readonly<Partial<NodeServerRecord>>,
  address: string,
): Map<string, DriverState> | undefined => {
  const drivers = Object.hasOwn(nodes, address) ? nodes[address]?.drivers : undefined;
  if (!drivers) return undefined;
  const entries = Object.entries(drivers);
  return new Map(entries.map(([name, { value, uom }]) => [name, { value: String(value), uom: String(uom) }]));
};

const addNodeMessage = (
  node: Node,
  nodedefid: string,
  primary: string,
  stored: ReadonlyMap<string, DriverState> | undefined,
): AddNodeMessage => {
  const drivers = [...currentDrivers(node)].map(
    ([name, state]) => [name, stored?.get(name) ?? state] as const,
  );
  return {
    address: node.address,
    name: node.name,
    nodedefid,
    primary: node.primary ?? primary,
    drivers: Object.fromEntries(drivers),
    isController: node.isController,
    ...(node.hint === undefined ? {} : { hint: node.hint }),
  };
};
