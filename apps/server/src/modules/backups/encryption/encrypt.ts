import { Transform, type TransformCallback } from 'node:stream';
import { CHUNK_BYTES, type Sealing, sealChunk } from './format.js';

/** Encrypts what is written to it, as {@link Sealing} says. */
export class Encrypt extends Transform {
  readonly #sealing: Sealing;
  #index = 0;
  #waiting: Buffer[] = [];
  #bytes = 0;

  constructor(sealing: Sealing) {
    super();
    this.#sealing = sealing;
    this.push(sealing.header);
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#waiting.push(data);
    this.#bytes += data.length;
    // A full chunk is held back until more comes: only then it is known not to be the last.
    if (this.#bytes > CHUNK_BYTES) {
      let rest = Buffer.concat(this.#waiting);
      for (; rest.length > CHUNK_BYTES; rest = rest.subarray(CHUNK_BYTES))
        this.#seal(rest.subarray(0, CHUNK_BYTES), false);
      this.#waiting = [rest];
      this.#bytes = rest.length;
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#seal(Buffer.concat(this.#waiting), true);
    done();
  }

  #seal(chunk: Buffer, isLast: boolean): void {
    this.push(sealChunk(this.#sealing, this.#index++, isLast, chunk));
  }
}
