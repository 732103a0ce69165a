import { AccessTokenRequest, allows, type TokenAccess } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { accessOf, accessWords, initialRights, type RightsValues, rightsErrors } from './token-rights';

const list = (more: Partial<RightsValues> = {}): RightsValues => ({ ...initialRights, kind: 'acl', ...more });
const messages = (access: TokenAccess, method: 'GET' | 'POST' | 'DELETE', id: number) =>
  allows(access, { uri: 'gw/channels/messages', method, id });

test('as before, a token may do everything unless something else is chosen', () => {
  expect(accessOf(initialRights)).toEqual({ kind: 'master' });
  expect(accessOf({ ...initialRights, kind: 'standard' })).toEqual({ kind: 'standard' });
});

test('reading some channels is just that', () => {
  const access = accessOf(list({ channels: 'some', ids: [7] }));
  expect(AccessTokenRequest.safeParse({ name: 'x', access }).success).toBe(true);
  expect([messages(access, 'GET', 7), messages(access, 'GET', 8)]).toEqual([true, false]);
  expect([messages(access, 'POST', 7), messages(access, 'DELETE', 7)]).toEqual([false, false]);
  expect(allows(access, { uri: 'gw/channels', method: 'GET', id: 7 })).toBe(true);
  expect(allows(access, { uri: 'gw/channels', method: 'DELETE', id: 7 })).toBe(false);
  expect(allows(access, { uri: 'mqtt', method: 'GET', topic: 'a' })).toBe(false);
});

test('writing does not read, and managing does everything', () => {
  const write = accessOf(list({ rights: ['write'] }));
  expect([messages(write, 'POST', 1), messages(write, 'GET', 1)]).toEqual([true, false]);
  expect(allows(write, { uri: 'gw/channels', method: 'GET', id: 1 })).toBe(false);
  const manage = accessOf(list({ rights: ['manage'] }));
  expect([messages(manage, 'DELETE', 1), allows(manage, { uri: 'gw/channels', method: 'POST' })]).toEqual([
    true,
    true,
  ]);
});

test('MQTT topics', () => {
  const access = accessOf(list({ channels: 'none', publishes: true, topic: ' garden/# ' }));
  expect(access).toEqual({ kind: 'acl', acl: [{ uri: 'mqtt', methods: ['POST'], topic: 'garden/#' }] });
});

test('what is missing is named where it is', () => {
  expect(Object.keys(rightsErrors(list({ channels: 'some' })))).toEqual(['ids']);
  expect(Object.keys(rightsErrors(list({ rights: [] })))).toEqual(['rights']);
  expect(Object.keys(rightsErrors(list({ channels: 'none' })))).toEqual(['kind']);
  expect(rightsErrors(list())).toEqual({});
  expect(rightsErrors({ ...initialRights, channels: 'none' })).toEqual({});
});

test('rights in words', () => {
  expect(accessWords({ kind: 'master' })).toBe('everything');
  expect(accessWords(accessOf(list({ channels: 'some', ids: [7, 9], rights: ['read', 'write'] })))).toBe(
    'see channels 7, 9; read, add messages of channels 7, 9',
  );
  expect(accessWords(accessOf(list({ rights: ['manage'] })))).toBe('manage all channels');
  expect(accessWords({ kind: 'acl', acl: [{ uri: 'mqtt' }] })).toBe('MQTT: subscribe, publish on own topics');
  expect(accessWords({ kind: 'acl', acl: [{ uri: 'mqtt', methods: [] }] })).toBe('nothing');
});
