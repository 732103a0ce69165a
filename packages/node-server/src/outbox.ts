import type { WireStatus } from '@polyrelay/contract';

/** The wire form of `addnode` (PGC section 4). */
export interface AddNodeMessage {
  address: string;
  name: string;
  nodedefid: string;
  primary: string;
  drivers: Record<string, { value: string; uom: string }>;
  isController: boolean;
  hint?: string;
}

export type Operation =
  | { kind: 'addnode'; payload: AddNodeMessage }
  | { kind: 'removenode'; payload: { address: string } }
  | { kind: 'status'; payload: WireStatus };

interface Batch {
  addnode?: AddNodeMessage[];
  removenode?: { address: string }[];
  status?: WireStatus[];
}

/** One node travels as itself, everything else as a `batch`. */
export type BatchKeys = { batch: Batch } | { addnode: AddNodeMessage } | { removenode: { address: string } };

/** A batch is applied in this order, so a message may not hold a later kind before an earlier one of a node. */
const rank = { addnode: 0, removenode: 1, status: 2 } as const;

/** Below the megabyte that a message may have; the protocol itself names no number of items. */
const MAX_ITEMS = 500;
const MAX_BYTES = 256 * 1024;

interface Entry {
  operation: Operation;
  done: PromiseWithResolvers;
}

interface PromiseWithResolvers {
  promise: Promise<void>;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

const withResolvers = (): PromiseWithResolvers => {
  let resolve: () => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Most callers do not wait; the one that sends says what went wrong.
  promise.catch(() => {});
  return { promise, resolve, reject };
};

/**
 * Collects what happens to nodes for a few milliseconds and sends it as one `batch`, in order. While
 * there is no connection it keeps the newest value of each driver, so that its size has a bound.
 */
export class Outbox {
  #entries: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #send: (keys: BatchKeys) => Promise<void>;
  readonly #connected: () => boolean;
  readonly #windowMs: number;

  constructor(send: (keys: BatchKeys) => Promise<void>, connected: () => boolean, windowMs: number) {
    this.#send = send;
    this.#connected = connected;
    this.#windowMs = windowMs;
  }

  /** Resolves when the message that carries the operation was acknowledged. */
  push(operation: Operation): Promise<void> {
    if (!this.#connected()) this.#dropOlder(operation);
    const entry = { operation, done: withResolvers() };
    this.#entries.push(entry);
    this.#timer ??= setTimeout(() => this.flush(), this.#windowMs);
    return entry.done.promise;
  }

  /** Hands everything to the connection now. Without one it waits for the next call. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#connected()) return;
    const entries = this.#entries;
    this.#entries = [];
    for (const group of groups(entries)) this.#sendGroup(group);
  }

  /** Gives up what is still waiting. */
  clear(reason: Error): void {
    clearTimeout(this.#timer);
    for (const { done } of this.#entries) done.reject(reason);
    this.#entries = [];
  }

  #sendGroup(group: Entry[]): void {
    this.#send(keysOf(group.map(({ operation }) => operation))).then(
      () => {
        for (const { done } of group) done.resolve();
      },
      (reason: unknown) => {
        for (const { done } of group) done.reject(reason);
      },
    );
  }

  #dropOlder({ kind, payload }: Operation): void {
    if (kind !== 'status') return;
    const index = this.#entries.findIndex(
      ({ operation }) =>
        operation.kind === 'status' &&
        operation.payload.address === payload.address &&
        operation.payload.driver === payload.driver,
    );
    if (index < 0) return;
    for (const { done } of this.#entries.splice(index, 1)) done.resolve();
  }
}

const keysOf = (operations: Operation[]): BatchKeys => {
  const [first] = operations;
  if (operations.length === 1 && first?.kind === 'addnode') return { addnode: first.payload };
  if (operations.length === 1 && first?.kind === 'removenode') return { removenode: first.payload };
  const addnode = operations.flatMap(({ kind, payload }) => (kind === 'addnode' ? [payload] : []));
  const removenode = operations.flatMap(({ kind, payload }) => (kind === 'removenode' ? [payload] : []));
  const status = operations.flatMap(({ kind, payload }) => (kind === 'status' ? [payload] : []));
  const batch: Batch = {
    ...(addnode.length > 0 ? { addnode } : {}),
    ...(removenode.length > 0 ? { removenode } : {}),
    ...(status.length > 0 ? { status } : {}),
  };
  return { batch };
};

/** Cuts the entries into messages: by number, by size, and where the order of one node would be lost. */
const groups = (entries: Entry[]): Entry[][] => {
  const result: Entry[][] = [];
  let group: Entry[] = [];
  let bytes = 0;
  let ranks = new Map<string, number>();
  for (const entry of entries) {
    const { kind, payload } = entry.operation;
    const size = Buffer.byteLength(JSON.stringify(payload));
    const outOfOrder = (ranks.get(payload.address) ?? 0) > rank[kind];
    if (group.length > 0 && (outOfOrder || group.length >= MAX_ITEMS || bytes + size > MAX_BYTES)) {
      result.push(group);
      group = [];
      bytes = 0;
      ranks = new Map();
    }
    group.push(entry);
    bytes += size;
    ranks.set(payload.address, rank[kind]);
  }
  if (group.length > 0) result.push(group);
  return result;
};
