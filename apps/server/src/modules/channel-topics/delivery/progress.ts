/** How far a channel has gone to one connection. */
export class Progress {
  /** Key of the next message to send. */
  next: number;
  /** Up to where the session has it on disk. */
  saved: number;
  /** Its subscription stands. */
  ready = false;
  readonly #unacknowledged = new Set<number>();

  constructor(nextKey: number) {
    this.next = nextKey;
    this.saved = nextKey;
  }

  sent(key: number): void {
    this.#unacknowledged.add(key);
    this.next = key + 1;
  }

  acknowledged(key: number): void {
    this.#unacknowledged.delete(key);
  }

  /** All messages below this key were acknowledged, or were not wanted. */
  get reached(): number {
    // In the order they were sent, which is that of the keys.
    const [first] = this.#unacknowledged;
    return first ?? this.next;
  }
}
