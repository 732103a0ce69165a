/** Bytes come and go in pieces of this size, or of one file that is larger. */
export const PIECE_BYTES = 256 * 1024;

/** Room for very many small parts, one behind the other, in few large buffers. */
export class Pieces {
  #full: Buffer[] = [];
  #used = 0;
  /** Where the latest part is. */
  buffer = Buffer.alloc(0);
  /** Of all parts so far, taken or not. */
  bytes = 0;

  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  /** @returns where in {@link buffer} one more part has its room, with what was there before */
  room(bytes: number): number {
    if (this.#used + bytes > this.buffer.length) {
      this.#close();
      this.buffer = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, bytes));
    }
    const begin = this.#used;
    this.#used += bytes;
    this.bytes += bytes;
    return begin;
  }

  /** The pieces that have no room left; they are the caller's from now on. */
  takeFull(): Buffer[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** All that is left. */
  takeAll(): Buffer[] {
    this.#close();
    return this.takeFull();
  }

  #close(): void {
    if (this.#used > 0) this.#full.push(this.buffer.subarray(0, this.#used));
    this.buffer = Buffer.alloc(0);
    this.#used = 0;
  }
}
