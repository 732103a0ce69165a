const utf8 = new TextEncoder();

/** Bytes that grow. */
export class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#room(1).setUint8(this.#length - 1, value);
  }

  u16(value: number): void {
    this.#room(2).setUint16(this.#length - 2, value);
  }

  u32(value: number): void {
    this.#room(4).setUint32(this.#length - 4, value);
  }

  i32(value: number): void {
    this.#room(4).setInt32(this.#length - 4, value);
  }

  i64(value: bigint): void {
    this.#room(8).setBigInt64(this.#length - 8, value);
  }

  double(value: number): void {
    this.#room(8).setFloat64(this.#length - 8, value, true);
  }

  text(value: string): void {
    // One UTF-16 unit is at most three bytes.
    this.#reserve(value.length * 3);
    this.#length += utf8.encodeInto(value, this.#bytes.subarray(this.#length)).written;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Writes into what is there already. */
  putU32(offset: number, value: number, littleEndian = false): void {
    this.#view.setUint32(offset, value, littleEndian);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** The view with so many bytes more at its end: it is another one when they had to be grown. */
  #room(count: number): DataView {
    this.#reserve(count);
    this.#length += count;
    return this.#view;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
