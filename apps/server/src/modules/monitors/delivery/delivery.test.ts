import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PushMessage, placeOf } from '../types.js';
import { Delivery, type DeliveryOptions, MAX_BATCH_BYTES } from './delivery.js';
import { type KnownBlock, LAST_BLOCK_ID, type OutBlock } from './ledger.js';

/** Only what a delivery looks at: where it is in the log, and how heavy it is. */
const message = (id: number, weight = 10): PushMessage =>
  ({ place: placeOf(id, 0), json: 'x'.repeat(weight) }) as unknown as PushMessage;

const options = (given: Partial<DeliveryOptions> = {}): DeliveryOptions => ({
  batchSize: 10,
  batchDuration: 1000,
  window: { blocks: 4, bytes: 1_000_000 },
  weigh: ({ json }) => json.length,
  place: 0,
  nextSeq: 1,
  nextBlockId: 1,
  known: [],
  live: true,
  ...given,
});

const ids = (messages: PushMessage[]): number[] => messages.map(({ place }) => place / 16);

test('a batch goes out when it is full, or when its oldest event waited long enough', () => {
  const delivery = new Delivery(options({ batchSize: 3 }));
  delivery.hear(message(1), 0);
  delivery.hear(message(2), 400);
  expect(delivery.take(999)).toBeUndefined();
  expect(delivery.dueAt(999)).toBe(1000);
  expect(ids(delivery.take(1000)?.messages ?? [])).toEqual([1, 2]);
  for (const id of [3, 4, 5, 6]) delivery.hear(message(id), 2000 + id);
  expect(ids(delivery.take(2007)?.messages ?? [])).toEqual([3, 4, 5]);
  expect(delivery.take(2007)).toBeUndefined();
  expect(delivery.dueAt(2007)).toBe(3006);
});

test('the place follows what was acknowledged without a gap, in whatever order', () => {
  const delivery = new Delivery(options({ batchSize: 1 }));
  for (const id of [1, 2, 3]) {
    delivery.hear(message(id), 0);
    delivery.take(0);
  }
  expect(delivery.delivered(9)).toBeUndefined();
  delivery.delivered(3);
  delivery.delivered(2);
  expect(delivery.place).toBe(0);
  delivery.delivered(1);
  expect(delivery.place).toBe(placeOf(3, 0));
  expect(delivery.delivered(1)).toBeUndefined();
});

test('block ids go from 65535 to 1, and leave out those that are out', () => {
  const place = placeOf(1, 0);
  const old = { seq: 1, blockId: 1, events: 1, firstPlace: place, lastPlace: place, attempts: 1 };
  const delivery = new Delivery(
    options({
      batchSize: 1,
      known: [{ ...old, delivered: false }],
      ...{ nextSeq: 2, nextBlockId: LAST_BLOCK_ID - 1 },
    }),
  );
  const again = delivery.nextAgain();
  if (again !== undefined) delivery.again(again, 10);
  delivery.read({ messages: [], place, end: true }, 0);
  const taken = (id: number): number | undefined => {
    delivery.hear(message(id), 0);
    return delivery.take(0)?.block.blockId;
  };
  expect([taken(2), taken(3), taken(4)]).toEqual([LAST_BLOCK_ID - 1, LAST_BLOCK_ID, 2]);
  expect(delivery.nextBlockId).toBe(3);
  // What was acknowledged is free, and the others are still known by their ids.
  for (const blockId of [LAST_BLOCK_ID, 1]) expect(delivery.delivered(blockId)?.blockId).toBe(blockId);
  expect(delivery.place).toBe(place);
  expect([taken(5), taken(6)]).toEqual([3, 4]);
});

test('heavy events make a batch full before it has its number, and one that is heavier than that goes alone', () => {
  const delivery = new Delivery(options({ batchSize: 100, batchDuration: 60_000 }));
  delivery.hear(message(1, MAX_BATCH_BYTES - 5), 0);
  delivery.hear(message(2, MAX_BATCH_BYTES * 2), 0);
  expect(ids(delivery.take(0)?.messages ?? [])).toEqual([1]);
  expect(ids(delivery.take(0)?.messages ?? [])).toEqual([2]);
});

test('blocks of before go first, as they were; those acknowledged meanwhile do not', () => {
  const known = (seq: number, delivered: boolean): KnownBlock => ({
    seq,
    blockId: seq + 100,
    events: 1,
    firstPlace: placeOf(seq, 0),
    lastPlace: placeOf(seq, 0),
    attempts: 1,
    delivered,
  });
  const delivery = new Delivery(
    options({
      known: [known(1, false), known(2, true), known(3, false)],
      nextSeq: 4,
      live: false,
      batchSize: 1,
    }),
  );
  expect(delivery.seen).toBe(placeOf(3, 0));
  const order: number[] = [];
  for (let block = delivery.nextAgain(); block !== undefined; block = delivery.nextAgain()) {
    expect(delivery.outBlock(block.blockId)).toBeUndefined();
    delivery.again(block, 10);
    order.push(block.blockId);
  }
  expect(order).toEqual([101, 103]);
  delivery.delivered(101);
  expect(delivery.place).toBe(placeOf(2, 0));
  delivery.delivered(103);
  expect(delivery.place).toBe(placeOf(3, 0));
});

/** A log, and a reader that is given it in pieces. */
type Step =
  | { do: 'happen'; weight: number; meant: boolean }
  | { do: 'handOn' }
  | { do: 'startReading' }
  | { do: 'finishReading' }
  | { do: 'wait'; ms: number }
  | { do: 'acknowledge'; which: number }
  | { do: 'lose' }
  | { do: 'endSession' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('happen' as const),
      weight: fc.integer({ min: 1, max: 300_000 }),
      meant: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ do: 'handOn' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'startReading' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'finishReading' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1500 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'lose' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'endSession' as const }) },
);

test('nothing is lost, nothing comes twice in a session, order and bounds hold, whatever happens when', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 300 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(0, 1000),
      (steps, batchSize, windowBlocks, batchDuration) => {
        const log: PushMessage[] = [];
        let last = 0;
        let handed = 0;
        let now = 0;
        const acknowledged = new Set<number>();
        let rows: { block: OutBlock; ids: number[]; delivered: boolean }[] = [];
        let reading: { from: number; messages: PushMessage[]; place: number; end: boolean } | undefined;
        let sent: number[] = [];
        const window = { blocks: windowBlocks, bytes: 400_000 };
        const open = (stored: { place: number; nextSeq: number; nextBlockId: number }): Delivery =>
          new Delivery(
            options({
              batchSize,
              batchDuration,
              window,
              ...stored,
              known: rows
                .filter(({ block }) => block.lastPlace > stored.place)
                .map(({ block, delivered }) => ({ ...block, attempts: 1, delivered })),
              live: false,
            }),
          );
        let delivery = open({ place: 0, nextSeq: 1, nextBlockId: 1 });
        const out = (): { block: OutBlock; ids: number[]; delivered: boolean }[] =>
          rows.filter(({ block, delivered }) => !delivered && block.state === 'out');
        const note = (numbers: number[]): void => {
          for (const id of numbers) {
            expect(id).toBeGreaterThan(sent.at(-1) ?? 0);
            sent.push(id);
          }
          expect(out().length).toBeLessThanOrEqual(windowBlocks);
        };
        const pump = (): void => {
          for (let block = delivery.nextAgain(); block !== undefined; block = delivery.nextAgain()) {
            const row = rows.find((other) => other.block.seq === block?.seq);
            if (row === undefined) throw new Error('a block that was never sent');
            row.block = block;
            delivery.again(block, 10);
            note(row.ids);
          }
          for (let due = delivery.take(now); due !== undefined; due = delivery.take(now)) {
            const bytes = due.messages.reduce((sum, { json }) => sum + json.length, 0);
            expect(due.messages.length).toBeLessThanOrEqual(batchSize);
            if (due.messages.length > 1) expect(bytes).toBeLessThanOrEqual(MAX_BATCH_BYTES);
            delivery.weighed(due.block, bytes);
            expect(rows.some(({ block }) => block.seq === due?.block.seq)).toBe(false);
            rows.push({ block: due.block, ids: ids(due.messages), delivered: false });
            note(ids(due.messages));
          }
          expect(delivery.pending).toBeLessThanOrEqual(500);
        };
        const startReading = (): void => {
          if (reading !== undefined || !delivery.wantsLog) return;
          const from = delivery.seen;
          const behind = log.filter(({ place }) => place > from);
          const messages = behind.slice(0, 7);
          const end = messages.length === behind.length;
          reading = {
            from,
            messages,
            place: end ? Math.max(from, last * 16 + 15) : (messages.at(-1)?.place ?? from),
            end,
          };
        };
        const finishReading = (): void => {
          if (reading !== undefined) delivery.read(reading, now);
          reading = undefined;
        };
        const handOn = (upTo: number): void => {
          for (const told of log) if (told.place > handed && told.place <= upTo) delivery.hear(told, now);
          handed = upTo;
        };
        const acknowledge = (which: number): void => {
          const all = out();
          const row = all[which % Math.max(1, all.length)];
          if (row === undefined) return;
          expect(delivery.delivered(row.block.blockId)).toBe(row.block);
          row.delivered = true;
          for (const id of row.ids) acknowledged.add(id);
        };
        const endSession = (): void => {
          rows = rows.filter(({ block, delivered }) => !delivered || block.lastPlace > delivery.place);
          const { place, nextSeq, nextBlockId } = delivery;
          reading = undefined;
          sent = [];
          delivery = open({ place, nextSeq, nextBlockId });
        };
        for (const one of steps) {
          const before = delivery.place;
          if (one.do === 'happen') {
            last++;
            if (one.meant) log.push(message(last, one.weight));
          } else if (one.do === 'handOn') {
            handOn(last * 16 + 15);
            delivery.pass(handed);
          } else if (one.do === 'startReading') startReading();
          else if (one.do === 'finishReading') finishReading();
          else if (one.do === 'wait') now += one.ms;
          else if (one.do === 'acknowledge') acknowledge(one.which);
          else if (one.do === 'lose') {
            delivery.miss(last * 16 + 15);
            handed = last * 16 + 15;
          } else endSession();
          pump();
          expect(delivery.place).toBeGreaterThanOrEqual(before);
          for (const { place } of log)
            if (place <= delivery.place) expect(acknowledged).toContain(place / 16);
        }
        // In the end everything comes, with a reader that acknowledges.
        for (let i = 0; i === 0 || (i < 2000 && !(delivery.live && delivery.idle)); i++) {
          now += 2000;
          handOn(last * 16 + 15);
          startReading();
          finishReading();
          pump();
          acknowledge(0);
        }
        expect([...acknowledged].sort((a, b) => a - b)).toEqual(ids(log));
        expect(delivery.idle).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
}, 60_000);
