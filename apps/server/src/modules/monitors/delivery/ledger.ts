import type { Place, PushMessage } from '../types.js';

/** Block ids on the wire are 1 to this, then 1 again. */
export const LAST_BLOCK_ID = 65_535;
/** Blocks that were delivered and wait for one before them, above the window. */
const MAX_WAITING = 1000;

/** A block of an earlier session. */
export interface KnownBlock {
  seq: number;
  blockId: number;
  events: number;
  firstPlace: Place;
  lastPlace: Place;
  attempts: number;
  delivered: boolean;
}

/** A block that is out or was. */
export interface OutBlock {
  readonly seq: number;
  readonly blockId: number;
  readonly events: number;
  readonly firstPlace: Place;
  readonly lastPlace: Place;
  bytes: number;
  /** How often it was sent before. */
  attempts: number;
  /** `again`: to be sent again; `stale`: out, but its delivery counts for nothing. */
  state: 'out' | 'again' | 'done' | 'stale';
  /** When it was given to the sink, ms since 1970; undefined: not yet. */
  sentAt: number | undefined;
  /** Its last try failed. */
  failed: boolean;
}

/** The blocks of a delivery: which are out, the window over them, their ids, and the place that they leave behind. */
export class BlockLedger {
  readonly #window: { blocks: number; bytes: number };
  /** In order, from the first that is not delivered. */
  #order: OutBlock[] = [];
  readonly #byId = new Map<number, OutBlock>();
  #again: OutBlock[] = [];
  #blocksOut = 0;
  #bytesOut = 0;
  #place: Place;
  #nextSeq: number;
  #nextBlockId: number;

  constructor(options: {
    window: { blocks: number; bytes: number };
    place: Place;
    nextSeq: number;
    nextBlockId: number;
    known: KnownBlock[];
  }) {
    this.#window = options.window;
    this.#place = options.place;
    this.#nextSeq = options.nextSeq;
    this.#nextBlockId = options.nextBlockId;
    for (const { delivered, ...known } of options.known) {
      const block: OutBlock = {
        ...known,
        bytes: 0,
        state: delivered ? 'done' : 'again',
        sentAt: undefined,
        failed: false,
      };
      this.#order.push(block);
      if (delivered) continue;
      this.#again.push(block);
      this.#byId.set(block.blockId, block);
    }
    this.#move();
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  get nextBlockId(): number {
    return this.#nextBlockId;
  }

  get empty(): boolean {
    return this.#order.length === 0;
  }

  /** Of the last block; the place where there is none. */
  get lastPlace(): Place {
    return this.#order.at(-1)?.lastPlace ?? this.#place;
  }

  get hasAgain(): boolean {
    return this.#again.length > 0;
  }

  /** Whether a new block may go out: none does before those of earlier sessions. */
  get hasRoom(): boolean {
    return (
      this.#again.length === 0 && this.#windowOpen && this.#order.length < this.#window.blocks + MAX_WAITING
    );
  }

  /** Up to here all is delivered. */
  get place(): Place {
    return this.#place;
  }

  /** Nothing is open, and up to here nothing was meant. */
  pass(place: Place): void {
    if (this.#order.length === 0) this.#place = place;
  }

  /** Makes a new block of events; it is out. */
  make(messages: PushMessage[]): OutBlock {
    const block: OutBlock = {
      seq: this.#nextSeq++,
      blockId: this.#freeId(),
      events: messages.length,
      firstPlace: (messages[0] as PushMessage).place,
      lastPlace: (messages[messages.length - 1] as PushMessage).place,
      bytes: 0,
      attempts: 0,
      state: 'out',
      sentAt: undefined,
      failed: false,
    };
    this.#order.push(block);
    this.#byId.set(block.blockId, block);
    this.#blocksOut++;
    return block;
  }

  nextAgain(): OutBlock | undefined {
    return this.#windowOpen ? this.#again[0] : undefined;
  }

  /** Sends the first of those that are to be sent again. */
  again(block: OutBlock, bytes: number): void {
    if (this.#again[0] !== block) return;
    this.#again.shift();
    block.state = 'out';
    this.#blocksOut++;
    this.weighed(block, bytes);
  }

  weighed(block: OutBlock, bytes: number): void {
    if (block.state !== 'out') return;
    this.#bytesOut += bytes - block.bytes;
    block.bytes = bytes;
  }

  out(blockId: number): OutBlock | undefined {
    const block = this.#byId.get(blockId);
    return block?.state === 'again' ? undefined : block;
  }

  /** A block needs nothing any more. */
  done(block: OutBlock): void {
    if (block.state === 'done') return;
    if (block.state === 'again') this.#again = this.#again.filter((other) => other !== block);
    else {
      this.#blocksOut--;
      this.#bytesOut -= block.bytes;
    }
    this.#byId.delete(block.blockId);
    const counts = block.state !== 'stale';
    block.state = 'done';
    if (counts) this.#move();
  }

  /** Goes on at another place and with another number: the blocks move nothing any more. */
  forget(place: Place, nextSeq: number): void {
    for (const block of this.#order) if (block.state === 'out') block.state = 'stale';
    for (const block of this.#again) this.#byId.delete(block.blockId);
    this.#order = [];
    this.#again = [];
    this.#place = place;
    this.#nextSeq = nextSeq;
  }

  get #windowOpen(): boolean {
    return (
      this.#blocksOut < this.#window.blocks && (this.#bytesOut < this.#window.bytes || this.#blocksOut === 0)
    );
  }

  /** The place follows the first blocks that are done, as far as there is no gap. */
  #move(): void {
    for (let block = this.#order[0]; block?.state === 'done'; block = this.#order[0]) {
      this.#place = block.lastPlace;
      this.#order.shift();
    }
  }

  #freeId(): number {
    let id = this.#nextBlockId;
    while (this.#byId.has(id)) id = id === LAST_BLOCK_ID ? 1 : id + 1;
    this.#nextBlockId = id === LAST_BLOCK_ID ? 1 : id + 1;
    return id;
  }
}
