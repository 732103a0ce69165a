import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { message, newChannel } from '../../../testing/channels.js';
import { startService } from '../../../testing/service.js';

const WRITERS = 8;
const READERS = 4;
const POSTS = 25;
const SIZE = 100;
const TOTAL = WRITERS * POSTS * SIZE;

test('readers that delete what they have read skip nothing, however long writers keep their transactions open', async () => {
  const service = await startService();
  const { channels, events } = service.app;
  const channel = await newChannel(service);

  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let post = 0; post < POSTS; post++) {
      const first = (writer * POSTS + post) * SIZE;
      const messages = Array.from({ length: SIZE }, (_, i) => message(first + i));
      if (post % 5 === 0) await channels.append(channel, messages);
      else
        await events.sql(async (client, record) => {
          await channels.appendWith(client, record, channel, messages);
          await delay((writer + post) % 4);
        });
    }
  });

  const seen = new Map<number, number>();
  const readers = Array.from({ length: READERS }, async (_, reader) => {
    let currKey = 0;
    while (currKey < TOTAL) {
      await channels.deleteBelow(channel, currKey);
      const page = await channels.read(channel, {
        from: currKey,
        limitCount: 50 + 37 * reader,
        limitSize: 1e6,
      });
      for (const { key, json } of page.messages) {
        // Only what another one has read and deleted may be missing.
        expect(key).toBeGreaterThanOrEqual(currKey);
        currKey = key + 1;
        seen.set(JSON.parse(json).value, key);
      }
      expect(page.nextKey).toBeGreaterThanOrEqual(currKey);
      currKey = page.nextKey;
      if (page.messages.length === 0 && currKey < TOTAL) await channels.wait(channel.id, currKey, 5000);
    }
  });

  await Promise.all([...writers, ...readers]);
  expect(seen.size).toBe(TOTAL);
  expect(new Set(seen.values()).size).toBe(TOTAL);
  expect(await channels.bounds(channel)).toMatchObject({ nextKey: TOTAL });
  await service.close();
}, 60_000);
