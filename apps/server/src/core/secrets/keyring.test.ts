import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Keyring, openKeyring } from './keyring.js';

const PLACE = 'node_servers.custom_data:1';
const [first, second] = [randomBytes(32), randomBytes(32)] as const;

describe('a box', () => {
  test('opens to what was sealed, whatever the text', () => {
    const keyring = new Keyring([first]);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
        expect(keyring.open(keyring.seal(text, place), place)).toBe(text);
      }),
    );
  });

  test('is different each time and shows nothing of the text', () => {
    const keyring = new Keyring([first]);
    const [a, b] = [keyring.seal('token-of-the-user', PLACE), keyring.seal('token-of-the-user', PLACE)];
    expect(Buffer.from(a).equals(b)).toBe(false);
    expect(Buffer.from(a).includes('token-of-the-user')).toBe(false);
  });

  test('does not open at another place', () => {
    const keyring = new Keyring([first]);
    const box = keyring.seal('x', PLACE);
    expect(() => keyring.open(box, 'node_servers.custom_data:2')).toThrow(
      /node_servers\.custom_data:2 cannot be read: it was changed, or belongs to another place/,
    );
  });

  test('does not open when any bit was changed, or bytes are missing', () => {
    const keyring = new Keyring([first]);
    const box = keyring.seal('a secret', PLACE);
    fc.assert(
      fc.property(fc.nat(box.length * 8 - 1), (bit) => {
        const changed = Uint8Array.from(box);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => keyring.open(changed, PLACE)).toThrow(
          expect.objectContaining({ code: 'secretUnreadable' }),
        );
      }),
    );
    for (let length = 0; length < box.length; length++) {
      expect(() => keyring.open(box.subarray(0, length), PLACE)).toThrow(
        expect.objectContaining({ code: 'secretUnreadable' }),
      );
    }
  });
});

describe('rotation', () => {
  test('the new key seals, the old one still opens', () => {
    const old = new Keyring([first]).seal('kept', PLACE);
    const rotated = new Keyring([second, first]);
    expect(rotated.open(old, PLACE)).toBe('kept');
    const sealedAnew = rotated.seal('kept', PLACE);
    expect([rotated.isOld(old), rotated.isOld(sealedAnew)]).toEqual([true, false]);
    expect(new Keyring([second]).open(sealedAnew, PLACE)).toBe('kept');
  });

  test('without the old key the message says which to put back, and where', () => {
    const old = new Keyring([first]).seal('kept', PLACE);
    expect(() => new Keyring([second]).open(old, PLACE)).toThrow(
      `The secret ${PLACE} cannot be read: the key it was encrypted with is not here; put it back behind the new one in POLYRELAY_KEY.`,
    );
  });
});

describe('where the keys come from', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pr-keys-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('the first start makes a key only its owner can read; later starts use it', async () => {
    const dataDir = join(folder, 'data');
    const box = (await openKeyring([], dataDir)).seal('kept', PLACE);
    expect((await stat(join(dataDir, 'secret.key'))).mode & 0o777).toBe(0o600);
    expect((await openKeyring([], dataDir)).open(box, PLACE)).toBe('kept');
  });

  test('a key of the environment is used instead, and none is written', async () => {
    const dataDir = join(folder, 'none');
    const keyring = await openKeyring([second.toString('base64'), first.toString('base64')], dataDir);
    expect(keyring.open(new Keyring([first]).seal('kept', PLACE), PLACE)).toBe('kept');
    await expect(readFile(join(dataDir, 'secret.key'))).rejects.toThrow('ENOENT');
  });
});
