import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from '@polyrelay/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_BYTES, MAX_DEPTH } from '../payload.js';
import { formatBatch, parseBatch, type QueuedMessage } from './batch.js';
import { Queue } from './queue.js';

const message = fc
  .record({ id: fc.uuid(), at: fc.constant('2026-01-02T03:04:05.678Z'), payload: fc.jsonValue() })
  // JSON has no −0.
  .map(({ payload, ...rest }): QueuedMessage => ({ ...rest, json: JSON.stringify(payload) }));

/** Lines as a worn-out card or an editor leaves them. */
const garbage = fc.oneof(
  fc.string().filter((text) => !text.includes('\n') && text.trim() !== '' && text.trim()[0] !== '{'),
  // A torn line of a message.
  fc.tuple(message, fc.nat()).map(([one, cut]) => {
    const line = formatBatch([one]).trimEnd();
    return line.slice(0, 1 + (cut % (line.length - 1)));
  }),
  fc.constantFrom('{}', 'null', '[]', '{"id":"x","at":"","payload":1}', '\0\0\0'),
);

test('every whole line is read, in order, whatever lies between; every other is told', () => {
  const line = fc.oneof(
    message.map((value) => ({ good: true as const, value })),
    garbage.map((value) => ({ good: false as const, value })),
  );
  fc.assert(
    fc.property(fc.array(line), (all) => {
      const text = all.map((each) => (each.good ? formatBatch([each.value]) : `${each.value}\n`)).join('');
      expect(parseBatch(text)).toEqual({
        messages: all.flatMap((each) => (each.good ? [each.value] : [])),
        garbled: all.flatMap((each) => (each.good ? [] : [each.value])),
      });
    }),
    { numRuns: 300 },
  );
});

test('a file cut anywhere loses at most the line that was cut', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), fc.nat(), (messages, cut) => {
      const text = formatBatch(messages);
      const part = text.slice(0, cut % (text.length + 1));
      const whole = part.split('\n').length - 1;
      const read = parseBatch(part).messages;
      // A line without its end can be whole.
      expect(read.slice(0, whole)).toEqual(messages.slice(0, whole));
      expect(read.length).toBeLessThanOrEqual(whole + 1);
    }),
    { numRuns: 300 },
  );
});

test('the limits are those of the service', () => {
  expect([MAX_BYTES, MAX_DEPTH]).toEqual([MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH]);
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-queue-'));
});
afterAll(() => rm(folder, { recursive: true }));

const queued = (n: number): QueuedMessage => ({
  id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  at: '2026-01-02T03:04:05.678Z',
  json: String(n),
});

test('messages added together share files; the order holds, also for a queue opened after a clock was set back', async () => {
  const queue = await Queue.open(join(folder, 'order'), 1e9);
  await Promise.all(Array.from({ length: 1000 }, (_, n) => queue.add(queued(n))));
  expect((await queue.list()).length).toBeLessThan(10);
  const later = await Queue.open(join(folder, 'order'), 1e9);
  const now = Date.now;
  Date.now = () => 0;
  try {
    await later.add(queued(1000));
  } finally {
    Date.now = now;
  }
  const read: string[] = [];
  for (const name of await later.list())
    for (const { json } of (await later.read(name))?.messages ?? []) read.push(json);
  expect(read).toEqual(Array.from({ length: 1001 }, (_, n) => String(n)));
});

test('a full queue says so and takes messages again when there is room', async () => {
  const queue = await Queue.open(join(folder, 'full'), 8192);
  const names = [await queue.add(queued(1)), await queue.add(queued(2))];
  await expect(queue.add(queued(3))).rejects.toMatchObject({
    code: 'QUEUE_FULL',
    message: expect.stringMatching(/full is full: 8 KiB of messages wait for the service, at most 8 KiB may/),
  });
  await queue.drop(names[0] ?? '');
  await queue.add(queued(3));
  expect(await queue.size()).toEqual({ messages: 2, bytes: 8192 });
});
