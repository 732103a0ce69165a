import { describe, expect, test } from 'vitest';
import { type AccessCall, type AclEntry, allows, coversTopics } from './flespi.js';

const acl = (...entries: AclEntry[]) => ({ kind: 'acl' as const, acl: entries });
const read = (id?: number): AccessCall => ({
  uri: 'gw/channels/messages',
  method: 'GET',
  ...(id === undefined ? {} : { id }),
});

describe('what a token may do', () => {
  test('master and standard tokens may everything here', () => {
    for (const kind of ['master', 'standard'] as const) expect(allows({ kind }, read(1))).toBe(true);
  });

  test.each<[AclEntry, AccessCall, boolean]>([
    [{ uri: 'gw/channels/messages' }, read(1), true],
    [{ uri: 'gw/channels/messages' }, read(), true],
    [{ uri: 'gw/channels' }, read(1), true],
    [{ uri: 'mqtt' }, read(1), false],
    [{ uri: 'gw/channels/messages' }, { uri: 'gw/channels', method: 'GET', id: 1 }, false],
    [{ uri: 'gw/channels', ids: [1, 2] }, read(2), true],
    [{ uri: 'gw/channels', ids: [1, 2] }, read(3), false],
    [{ uri: 'gw/channels', ids: [1, 2] }, { uri: 'gw/channels', method: 'POST' }, false],
    [{ uri: 'gw/channels', ids: 'all' }, { uri: 'gw/channels', method: 'POST' }, true],
    [{ uri: 'gw/channels', methods: ['GET'] }, { uri: 'gw/channels', method: 'DELETE', id: 1 }, false],
    [{ uri: 'gw/channels', methods: [] }, read(1), false],
    [{ uri: 'mqtt', topic: 'a/#' }, { uri: 'mqtt', method: 'POST', topic: 'a/b' }, true],
    [{ uri: 'mqtt', topic: 'a/#' }, { uri: 'mqtt', method: 'POST', topic: 'b' }, false],
    [{ uri: 'mqtt', topic: 'a/#' }, { uri: 'mqtt', method: 'POST' }, false],
    [{ uri: 'mqtt' }, { uri: 'mqtt', method: 'GET', topic: '#' }, true],
  ])('%j, %j: %s', (entry, call, expected) => expect(allows(acl(entry), call)).toBe(expected));

  test('one fitting entry is enough', () => {
    expect(allows(acl({ uri: 'mqtt' }, { uri: 'gw/channels', ids: [7] }), read(7))).toBe(true);
  });
});

test.each<[string, string, boolean]>([
  ['a/b', 'a/b', true],
  ['a/+', 'a/b', true],
  ['a/+', 'a/+', true],
  ['a/+', 'a/#', false],
  ['a/+', 'a/b/c', false],
  ['a/b', 'a/+', false],
  ['#', 'a/#', true],
  ['a/#', 'a', true],
  ['a/#', '#', false],
  ['a/#', '+/b', false],
  ['a/b/c', 'a/b', false],
  ['+/b', 'a/b', true],
])('%s covers %s: %s', (filter, other, expected) => expect(coversTopics(filter, other)).toBe(expected));
