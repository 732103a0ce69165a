import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import yauzl from 'yauzl';
import {
  CHUNK_BYTES,
  damaged,
  HEADER_BYTES,
  openChunk,
  openSealing,
  type Sealing,
  TAG_BYTES,
} from './format.js';

const BOX_BYTES = CHUNK_BYTES + TAG_BYTES;

/** Reads any part of an encrypted file as it was before, without decrypting the rest or writing it anywhere. */
export class DecryptingReader extends yauzl.RandomAccessReader {
  /** Of the file before it was encrypted. */
  readonly size: number;
  readonly #file: FileHandle;
  readonly #sealing: Sealing;
  readonly #encryptedBytes: number;
  readonly #chunks: number;
  /** A zip's directory is read in many small pieces of the same chunk. */
  #latest: { index: number; chunk: Buffer } | undefined;

  private constructor(file: FileHandle, sealing: Sealing, encryptedBytes: number) {
    super();
    this.#file = file;
    this.#sealing = sealing;
    this.#encryptedBytes = encryptedBytes;
    this.#chunks = Math.ceil(encryptedBytes / BOX_BYTES);
    this.size = encryptedBytes - this.#chunks * TAG_BYTES;
  }

  /**
   * Opens a file that begins with the magic bytes. Its end is decrypted at once, so that one that was cut off is refused.
   * @throws DomainError `wrongPassphrase`, `backupDamaged`
   */
  static async open(file: FileHandle, passphrase: string): Promise<DecryptingReader> {
    const { size } = await file.stat();
    const encryptedBytes = size - HEADER_BYTES;
    const lastBytes = encryptedBytes % BOX_BYTES;
    if (encryptedBytes < TAG_BYTES || (lastBytes > 0 && lastBytes < TAG_BYTES))
      throw damaged('its end is missing');
    const header = Buffer.alloc(HEADER_BYTES);
    await file.read(header, 0, HEADER_BYTES, 0);
    const reader = new DecryptingReader(file, await openSealing(passphrase, header), encryptedBytes);
    await reader.#chunk(reader.#chunks - 1);
    return reader;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#range(start, end), { objectMode: false });
  }

  async *#range(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; ) {
      const index = Math.floor(at / CHUNK_BYTES);
      const from = at - index * CHUNK_BYTES;
      const piece = (await this.#chunk(index)).subarray(from, from + end - at);
      if (piece.length === 0) throw damaged('it is shorter than it says');
      yield piece;
      at += piece.length;
    }
  }

  async #chunk(index: number): Promise<Buffer> {
    if (this.#latest?.index === index) return this.#latest.chunk;
    const position = index * BOX_BYTES;
    const box = Buffer.alloc(Math.min(BOX_BYTES, this.#encryptedBytes - position));
    const { bytesRead } = await this.#file.read(box, 0, box.length, HEADER_BYTES + position);
    if (bytesRead < box.length) throw damaged('its end is missing');
    const chunk = openChunk(this.#sealing, index, index === this.#chunks - 1, box);
    this.#latest = { index, chunk };
    return chunk;
  }
}
