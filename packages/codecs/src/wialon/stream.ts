import { decodeWialonPacket } from './decode.js';
import {
  LEAST_PACKET_BYTES,
  MAX_WIALON_PACKET_BYTES,
  SIZE_BYTES,
  WialonError,
  type WialonPacket,
} from './format.js';

/**
 * Packets out of a stream that comes in pieces, cut anywhere. It keeps no more than one packet and one piece. After an
 * error nobody knows where the next packet begins: every later call throws it again.
 */
export class WialonDecoder {
  readonly #onPacket: (packet: WialonPacket) => void;
  readonly #maxPacketBytes: number;
  #bytes = new Uint8Array(1024);
  #start = 0;
  #end = 0;
  /** Of `#start` in the stream. */
  #offset = 0;
  #error: WialonError | undefined;

  /** @param options `maxPacketBytes`: a packet that says it is greater is an error before it is read */
  constructor(onPacket: (packet: WialonPacket) => void, options: { maxPacketBytes?: number } = {}) {
    this.#onPacket = onPacket;
    this.#maxPacketBytes = options.maxPacketBytes ?? MAX_WIALON_PACKET_BYTES;
  }

  /** Bytes of a packet that is not whole yet. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /**
   * Takes a piece and hands out every packet that is whole now.
   * @throws WialonError after the packets in front of the fault were handed out
   */
  push(piece: Uint8Array): void {
    if (this.#error !== undefined) throw this.#error;
    this.#append(piece);
    while (this.pending >= SIZE_BYTES) {
      const size = this.#size();
      if (this.pending < SIZE_BYTES + size) return;
      this.#onPacket(this.#take(size));
    }
  }

  /** The stream has ended. @throws WialonError in the middle of a packet */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.pending > 0)
      this.#fail(new WialonError('The stream ends in the middle of a packet', this.#offset + this.pending));
  }

  #size(): number {
    const size = new DataView(this.#bytes.buffer, this.#start, SIZE_BYTES).getUint32(0, true);
    if (size < LEAST_PACKET_BYTES || size > this.#maxPacketBytes) {
      const bounds = `${LEAST_PACKET_BYTES} to ${this.#maxPacketBytes} bytes`;
      this.#fail(new WialonError(`A packet has ${bounds}, this one says ${size}`, this.#offset));
    }
    return size;
  }

  #take(size: number): WialonPacket {
    const [start, offset] = [this.#start + SIZE_BYTES, this.#offset + SIZE_BYTES];
    this.#start += SIZE_BYTES + size;
    this.#offset += SIZE_BYTES + size;
    try {
      return decodeWialonPacket(this.#bytes.subarray(start, start + size), offset);
    } catch (error) {
      return this.#fail(error as WialonError);
    }
  }

  #fail(error: WialonError): never {
    this.#error = error;
    throw error;
  }

  #append(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#bytes.length) {
      const need = this.pending + piece.length;
      const room = need <= this.#bytes.length / 2 ? this.#bytes : new Uint8Array(need * 2);
      room.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = room;
      this.#end = this.pending;
      this.#start = 0;
    }
    this.#bytes.set(piece, this.#end);
    this.#end += piece.length;
  }
}
