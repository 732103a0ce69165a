import type { Block } from '../types.js';
import type { OutBlock } from './ledger.js';
import type { SeenBlock, Snapshot } from './progress.js';
import { RateMeter } from './rate.js';

/** Of the blocks of a second that are shown where not each one is kept. */
const SEEN_BLOCKS = 3;

type Counts = Pick<Snapshot, 'sentEvents' | 'sentBlocks' | 'sentBytes'>;

/** What a session has sent: counted on from what its monitor had, with the newest blocks for those who look at them. */
export class Figures {
  #sentEvents: number;
  #sentBlocks: number;
  #sentBytes: number;
  #lastSent: number | null = null;
  readonly #rate = new RateMeter();
  #seen: OutBlock[] = [];

  constructor({ sentEvents, sentBlocks, sentBytes }: Counts) {
    this.#sentEvents = sentEvents;
    this.#sentBlocks = sentBlocks;
    this.#sentBytes = sentBytes;
  }

  /** A block goes out. @param at ms since 1970 @param now on the process’s own clock */
  sent({ count, payload }: Block, at: number, now: number): void {
    this.#lastSent = at;
    this.#sentEvents += count;
    this.#sentBlocks++;
    this.#sentBytes += payload.length;
    this.#rate.add(count, now);
  }

  /** A block that is kept nowhere was delivered. */
  see(block: OutBlock): void {
    if (this.#seen.length >= SEEN_BLOCKS) this.#seen.shift();
    this.#seen.push(block);
  }

  get hasSeen(): boolean {
    return this.#seen.length > 0;
  }

  /** The newest delivered blocks since it was asked last. */
  takeSeen(): SeenBlock[] {
    const seen = this.#seen;
    if (seen.length > 0) this.#seen = [];
    return seen.map(({ sentAt = Date.now(), ...block }) => ({ ...block, sentAt: new Date(sentAt) }));
  }

  snapshot(now: number): Counts & Pick<Snapshot, 'rate' | 'lastSent'> {
    return {
      sentEvents: this.#sentEvents,
      sentBlocks: this.#sentBlocks,
      sentBytes: this.#sentBytes,
      rate: this.#rate.rate(now),
      lastSent: this.#lastSent === null ? null : new Date(this.#lastSent),
    };
  }
}
