import type { BackupList } from '@polyrelay/contract';
import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import type { LiveEvent } from '../../lib/live-batch';
import { patchBackups } from './cache';
import { backupsQuery } from './queries';

const LIST: BackupList = {
  items: [
    {
      name: 'new.zip',
      bytes: 0,
      createdAt: '2026-01-02T00:00:00.000Z',
      encrypted: false,
      version: '1.0.0',
      state: 'running',
      step: null,
    },
  ],
  next: null,
  everyHours: 24,
  keep: 7,
  folder: '/data/backups',
  encrypts: false,
  failure: null,
};

const event = (topic: string, payload: Record<string, unknown>): LiveEvent => ({
  id: '1',
  topic,
  operation: 'UPDATE',
  group: '*',
  at: '2026-01-02T00:00:01.000Z',
  payload,
});

function after(...events: LiveEvent[]) {
  const client = new QueryClient();
  client.setQueryData(backupsQuery.queryKey, LIST);
  patchBackups(events, client);
  return {
    item: client.getQueryData(backupsQuery.queryKey)?.items[0],
    isStale: client.getQueryState(backupsQuery.queryKey)?.isInvalidated,
  };
}

test('progress is shown without fetching, the newest last', () => {
  expect(
    after(
      event('backups/new.zip', { step: 'drivers', bytes: 10 }),
      event('backups/new.zip', { step: 'events', bytes: 20 }),
    ),
  ).toMatchObject({ item: { step: 'events', bytes: 20, state: 'running' }, isStale: false });
});

test.each([
  ['one is done', 'backups/new.zip', { bytes: 30 }],
  ['another one was begun elsewhere', 'backups/other.zip', { step: 'drivers', bytes: 1 }],
  ['one failed', 'backups/failed', { message: 'The disk is full' }],
])('the list is fetched when %s', (_what, topic, payload) => {
  expect(after(event(topic, payload)).isStale).toBe(true);
});

test('other events do not concern it', () => {
  expect(after(event('nodeServers/1', {}))).toEqual({ item: LIST.items[0], isStale: false });
});
