import { expect, test } from 'vitest';
import { hashToken, newToken, sameSecret } from './tokens.js';

test('tokens carry the entropy asked for, fit into URLs, and never repeat', () => {
  const tokens = Array.from({ length: 1000 }, () => newToken(16));
  expect(new Set(tokens).size).toBe(1000);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(Buffer.from(newToken(), 'base64url')).toHaveLength(32);
});

test('what is stored is the SHA-256, by which the token is found again', () => {
  expect(Buffer.from(hashToken('abc')).toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test.each([
  ['secret', 'secret', true],
  ['secret', 'Secret', false],
  ['secret', 'secret ', false],
  ['', '', true],
  ['', 'secret', false],
])('sameSecret(%j, %j) is %j', (a, b, same) => expect(sameSecret(a, b)).toBe(same));
