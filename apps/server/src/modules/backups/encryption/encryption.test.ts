import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DecryptingReader } from './decrypt.js';
import { Encrypt } from './encrypt.js';
import { CHUNK_BYTES, HEADER_BYTES, newSealing, TAG_BYTES } from './format.js';

const PASSPHRASE = 'correct horse battery';
const BOX = CHUNK_BYTES + TAG_BYTES;

let folder: string;
const handles: FileHandle[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-encryption-'));
});
afterAll(async () => {
  await Promise.all(handles.map((handle) => handle.close()));
  await rm(folder, { recursive: true, force: true });
});

const pieces = function* (content: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
};

/** Deriving a key takes its time: one for all, but where another one matters. */
const sealing = await newSealing(PASSPHRASE);

const encrypted = (content: Buffer, piece = 50_000, by = sealing): Promise<Buffer> =>
  buffer(Readable.from(pieces(content, piece)).pipe(new Encrypt(by)));

async function reading(file: Buffer, passphrase = PASSPHRASE): Promise<DecryptingReader> {
  const path = join(folder, randomBytes(6).toString('hex'));
  await writeFile(path, file);
  const handle = await open(path, 'r');
  handles.push(handle);
  return DecryptingReader.open(handle, passphrase);
}

async function decrypted(file: Buffer): Promise<Buffer> {
  const reader = await reading(file);
  return buffer(reader._readStreamForRange(0, reader.size));
}

/** Three chunks, the last one not full. */
const CONTENT = randomBytes(2 * CHUNK_BYTES + 1000);
let file: Buffer;
beforeAll(async () => {
  file = await encrypted(CONTENT);
});

describe('an encrypted file', () => {
  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])(
    'of %d bytes comes back',
    async (size) => {
      const content = randomBytes(size);
      for (const piece of [7919, 3 * CHUNK_BYTES])
        expect((await decrypted(await encrypted(content, piece))).equals(content)).toBe(true);
    },
  );

  test('can be read in any part', async () => {
    const reader = await reading(file);
    for (const [from, to] of [
      [0, 10],
      [CHUNK_BYTES - 5, CHUNK_BYTES + 5],
      [2 * CHUNK_BYTES, CONTENT.length],
    ] as const)
      expect(await buffer(reader._readStreamForRange(from, to))).toEqual(CONTENT.subarray(from, to));
  });

  test('shows nothing of its content, and is another one each time', async () => {
    const text = Buffer.from('the same text again and again '.repeat(50));
    const a = await encrypted(text);
    const b = await encrypted(text, 50_000, await newSealing(PASSPHRASE));
    expect(a.includes('again')).toBe(false);
    expect(a.subarray(HEADER_BYTES).equals(b.subarray(HEADER_BYTES))).toBe(false);
  });

  test('does not open with another passphrase', async () => {
    await expect(reading(file, 'correct horse batterx')).rejects.toMatchObject({ code: 'wrongPassphrase' });
  });

  test.each([
    ['by a byte', (all: Buffer) => all.subarray(0, -1)],
    ['by its last chunk', (all: Buffer) => all.subarray(0, HEADER_BYTES + 2 * BOX)],
    ['by two chunks', (all: Buffer) => all.subarray(0, HEADER_BYTES + BOX)],
    ['within the header', (all: Buffer) => all.subarray(0, HEADER_BYTES - 1)],
    ['after the header', (all: Buffer) => all.subarray(0, HEADER_BYTES)],
    ['within a tag', (all: Buffer) => all.subarray(0, HEADER_BYTES + BOX + 3)],
  ])('that was cut off %s is refused when it is opened', async (_where, cut) => {
    await expect(reading(cut(file))).rejects.toMatchObject({ code: 'backupDamaged' });
  });

  test('with something behind its end is refused when it is opened', async () => {
    await expect(reading(Buffer.concat([file, Buffer.alloc(20)]))).rejects.toMatchObject({
      code: 'backupDamaged',
    });
  });

  test('with two chunks swapped, one repeated or one from another file is refused', async () => {
    const box = (of: Buffer, index: number): Buffer =>
      of.subarray(HEADER_BYTES + index * BOX, HEADER_BYTES + (index + 1) * BOX);
    const header = file.subarray(0, HEADER_BYTES);
    const other = await encrypted(CONTENT, 50_000, await newSealing(PASSPHRASE));
    for (const boxes of [
      [box(file, 1), box(file, 0), box(file, 2)],
      [box(file, 0), box(file, 0), box(file, 2)],
      [box(file, 0), box(other, 1), box(file, 2)],
    ])
      await expect(decrypted(Buffer.concat([header, ...boxes]))).rejects.toMatchObject({
        code: 'backupDamaged',
      });
  });

  test('with any bit changed is refused', async () => {
    for (const at of [
      8,
      9,
      12,
      30,
      HEADER_BYTES,
      HEADER_BYTES + BOX - 1,
      HEADER_BYTES + BOX + 77,
      file.length - 1,
    ]) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(decrypted(changed)).rejects.toMatchObject({
        code: expect.stringMatching(/^(backupDamaged|wrongPassphrase)$/),
      });
    }
  });

  test('whose header asks for more memory than is right is refused before any is taken', async () => {
    const greedy = Buffer.from(file);
    greedy[8] = 40;
    await expect(decrypted(greedy)).rejects.toMatchObject({ code: 'backupDamaged' });
  });
});
