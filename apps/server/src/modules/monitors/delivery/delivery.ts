import type { Place, PushMessage } from '../types.js';
import { BlockLedger, type KnownBlock, type OutBlock } from './ledger.js';

/** Bytes of rendered events in one block, at which it is full whatever the monitor’s batch size is. */
export const MAX_BATCH_BYTES = 512 * 1024;
/** Events that wait in memory at the most, or twice the batch size. */
const MAX_PENDING = 500;
/** Events that were taken leave the list together. */
const COMPACT_AT = 128;

/** An event that waits. */
interface Pending {
  message: PushMessage;
  /** When it came. */
  since: number;
  weight: number;
}

export interface DeliveryOptions {
  batchSize: number;
  /** Milliseconds that events wait for more; 0: not at all. */
  batchDuration: number;
  window: { blocks: number; bytes: number };
  /** Bytes of a message as it will be sent, about. */
  weigh(message: PushMessage): number;
  /** All up to here is delivered. */
  place: Place;
  nextSeq: number;
  nextBlockId: number;
  /** Blocks behind `place`, oldest first. */
  known: KnownBlock[];
  /** Begins by hearing, not by reading the log. */
  live: boolean;
}

/**
 * One monitor being delivered, without any I/O and without a clock: what it is given and when comes from outside.
 *
 * It either hears what happens (live), or reads the log behind its place because it begins there, or because more
 * happened than it keeps in memory. What it hears while it reads it only notes: it is live again when the reading
 * has passed the last of it.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #ledger: BlockLedger;
  /** Events that are not in a block yet. */
  #pending: Pending[] = [];
  /** Index of the first of them. */
  #head = 0;
  #bytes = 0;
  /** Everything up to here is in a block or pending, or was not meant. */
  #seen: Place;
  #live: boolean;
  /** The last that it heard and did not take. */
  #missed: Place = -1;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#ledger = new BlockLedger(options);
    this.#seen = Math.max(options.place, this.#ledger.lastPlace);
    this.#live = options.live && options.known.length === 0;
  }

  get live(): boolean {
    return this.#live;
  }

  /** Where reading the log goes on. */
  get seen(): Place {
    return this.#seen;
  }

  get nextSeq(): number {
    return this.#ledger.nextSeq;
  }

  get nextBlockId(): number {
    return this.#ledger.nextBlockId;
  }

  /** Events that are not in a block yet. */
  get pending(): number {
    return this.#pending.length - this.#head;
  }

  /** Whether everything that it has seen is delivered. */
  get idle(): boolean {
    return this.pending === 0 && this.#ledger.empty;
  }

  /** Up to here all is delivered. */
  get place(): Place {
    return this.idle ? this.#seen : this.#ledger.place;
  }

  /** It should read the log: it is behind, and has room. */
  get wantsLog(): boolean {
    if (this.#live || !this.#ledger.hasRoom || this.#bytes >= MAX_BATCH_BYTES) return false;
    if (this.pending < this.#options.batchSize) return true;
    return this.pending * 2 <= this.#most && this.#bytes * 2 <= MAX_BATCH_BYTES;
  }

  /** Hears of an event, in the order of the log. */
  hear(message: PushMessage, now: number): void {
    if (message.place <= this.#seen) return;
    if (this.#live && !this.#full()) this.#add(message, now);
    else this.miss(message.place);
  }

  /** There was something up to `place` that it could not be given: it reads it. */
  miss(place: Place): void {
    if (place <= this.#seen) return;
    this.#live = false;
    if (place > this.#missed) this.#missed = place;
  }

  /**
   * Takes what was read behind {@link seen}.
   * What there is no room for is read again later.
   * @param read.place how far was looked; @param read.end there was no more then
   */
  read(read: { messages: PushMessage[]; place: Place; end: boolean }, now: number): void {
    if (this.#live) return;
    for (const message of read.messages) {
      if (this.#full()) return;
      if (message.place > this.#seen) this.#add(message, now);
    }
    if (read.place > this.#seen) this.#seen = read.place;
    if (read.end && this.#missed <= this.#seen) this.#live = true;
  }

  /** Nothing that was looked at and not meant is to be looked at again. Only for a live one. */
  pass(place: Place): void {
    if (this.#live && place > this.#seen) this.#seen = place;
  }

  /** The block to be sent again next; undefined: none, or no room in the window. */
  nextAgain(): OutBlock | undefined {
    return this.#ledger.nextAgain();
  }

  /** Whether blocks of before are to be sent first. */
  get hasAgain(): boolean {
    return this.#ledger.hasAgain;
  }

  /** A block goes out again. */
  again(block: OutBlock, bytes: number): void {
    this.#ledger.again(block, bytes);
  }

  /** A block is not to be sent any more. */
  void(block: OutBlock): void {
    this.#ledger.done(block);
  }

  /** The next block and its events, if one is due and the window has room. */
  take(now: number): { block: OutBlock; messages: PushMessage[] } | undefined {
    if (this.pending === 0 || !this.#ledger.hasRoom || !this.#isDue(now)) return undefined;
    const count = this.#batchLength();
    const messages: PushMessage[] = [];
    for (const { message, weight } of this.#pending.slice(this.#head, this.#head + count)) {
      messages.push(message);
      this.#bytes -= weight;
    }
    this.#head += count;
    this.#compact();
    return { block: this.#ledger.make(messages), messages };
  }

  /** Tells how long a block that was taken really is. */
  weighed(block: OutBlock, bytes: number): void {
    this.#ledger.weighed(block, bytes);
  }

  /** When the events that wait are due although they are few; undefined: they are due, or there are none. */
  dueAt(now: number): number | undefined {
    const first = this.#pending[this.#head];
    if (first === undefined || this.#isDue(now)) return undefined;
    return first.since + this.#options.batchDuration;
  }

  /** A block that is out. */
  outBlock(blockId: number): OutBlock | undefined {
    return this.#ledger.out(blockId);
  }

  /** A block was delivered. @returns it; undefined: there is none of the kind */
  delivered(blockId: number): OutBlock | undefined {
    const block = this.#ledger.out(blockId);
    if (block !== undefined) this.#ledger.done(block);
    return block;
  }

  /** Goes on behind another place. What is out counts for the window until it was delivered, and for nothing else. */
  rewind(place: Place, nextSeq: number): void {
    this.#pending = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#ledger.forget(place, nextSeq);
    this.#missed = Math.max(this.#missed, this.#seen);
    this.#seen = place;
    this.#live = false;
  }

  get #most(): number {
    return Math.max(MAX_PENDING, 2 * this.#options.batchSize);
  }

  #compact(): void {
    if (this.pending === 0) this.#pending = [];
    else if (this.#head >= COMPACT_AT) this.#pending.splice(0, this.#head);
    else return;
    this.#head = 0;
  }

  #add(message: PushMessage, now: number): void {
    if (this.idle) this.#ledger.pass(this.#seen);
    const weight = this.#options.weigh(message);
    this.#pending.push({ message, since: now, weight });
    this.#bytes += weight;
    this.#seen = message.place;
  }

  /** Then the log keeps what comes. A full batch is always less than that. */
  #full(): boolean {
    return this.pending >= this.#most || this.#bytes >= MAX_BATCH_BYTES;
  }

  #isDue(now: number): boolean {
    const { batchSize, batchDuration } = this.#options;
    const first = this.#pending[this.#head];
    return (
      this.pending >= batchSize ||
      this.#bytes >= MAX_BATCH_BYTES ||
      (first !== undefined && now >= first.since + batchDuration)
    );
  }

  /** How many of the pending events go into one block: at least one. */
  #batchLength(): number {
    const most = Math.min(this.pending, this.#options.batchSize);
    if (this.#bytes <= MAX_BATCH_BYTES) return most;
    let bytes = 0;
    for (let i = 0; i < most; i++) {
      bytes += this.#pending[this.#head + i]?.weight ?? 0;
      if (bytes > MAX_BATCH_BYTES) return Math.max(1, i);
    }
    return most;
  }
}
