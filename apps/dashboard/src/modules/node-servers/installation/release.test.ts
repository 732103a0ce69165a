import type { Installation, Release } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import type { ServerFacts } from '../node-map';
import { nameOf, situationOf, whyNoUpdate } from './release';

const release: Release = {
  number: 3,
  ref: null,
  commit: null,
  version: '1.2.0',
  installedAt: '2026-01-01T00:00:00.000Z',
};
const server = (installation: Partial<Installation> | null, rest: Partial<ServerFacts> = {}) =>
  ({
    state: 'connected',
    runtime: 'sandbox',
    installed: release,
    previous: null,
    installation: installation && { kind: 'update', state: 'done', reason: '', steps: [], ...installation },
    ...rest,
  }) as ServerFacts;

test('a release is called by its version, else its commit, else its number', () => {
  expect(nameOf(release)).toBe('1.2.0');
  expect(nameOf({ ...release, version: '', commit: 'abcdef0123456789' })).toBe('abcdef0');
  expect(nameOf({ ...release, version: '' })).toBe('release 3');
});

test.each([
  ['running', server({ state: 'running' })],
  ['trial', server({ state: 'trial' }, { state: 'starting' })],
  ['waiting', server({ state: 'trial' }, { state: 'stopped' })],
  ['notUpdated', server({ state: 'failed' })],
  ['notInstalled', server({ state: 'failed', kind: 'install' }, { installed: null, state: 'crashed' })],
  ['notInstalled', server({ state: 'failed' }, { installed: null, state: 'crashed' })],
  ['takenBack', server({ state: 'rolledBack' })],
  ['over', server({ state: 'rolledBack' }, { previous: release })],
  ['over', server(null)],
])('the situation %s', (situation, facts) => {
  expect(situationOf(facts)).toBe(situation);
});

test('an update waits for the one under way, and is not for workers of the user', () => {
  expect(whyNoUpdate(server({ state: 'running' }))).toMatch(/under way/);
  expect(whyNoUpdate(server(null, { state: 'installing' }))).toMatch(/under way/);
  expect(whyNoUpdate(server(null, { runtime: 'local' }))).toMatch(/yourself/);
  // It was tried and does not run: another update may mend it.
  expect(whyNoUpdate(server({ state: 'trial' }, { state: 'crashed' }))).toBeNull();
  expect(whyNoUpdate(server({ state: 'failed' }))).toBeNull();
});
