import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lane, Lanes } from './lanes.js';

const job = fc.record({
  sender: fc.constantFrom('a', 'b'),
  exclusive: fc.boolean(),
  fails: fc.boolean(),
});

test('one sender’s work takes effect in order, whatever finishes first; others do not wait for it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(job, { minLength: 1, maxLength: 25 }),
      async (scheduler, jobs) => {
        const lanes = new Lanes();
        const running = new Set<number>();
        const ended: number[] = [];
        const results = jobs.map(({ sender, exclusive, fails }, i) =>
          lanes.run(sender, exclusive, async () => {
            const before = jobs.flatMap((other, k) => (k < i && other.sender === sender ? [k] : []));
            for (const k of before) {
              // Everything before an exclusive one has ended; before a shared one, everything exclusive.
              if (exclusive || jobs[k]?.exclusive) expect(ended).toContain(k);
            }
            for (const k of running)
              if (jobs[k]?.sender === sender) expect([exclusive, jobs[k]?.exclusive]).toEqual([false, false]);
            running.add(i);
            await scheduler.schedule(Promise.resolve(), `job ${i}`);
            running.delete(i);
            ended.push(i);
            if (fails) throw new Error(`job ${i}`);
            return i;
          }),
        );
        const settled = Promise.allSettled(results);
        await scheduler.waitFor(settled);
        expect(ended.toSorted((a, b) => a - b)).toEqual(jobs.map((_, i) => i));
        (await settled).forEach((result, i) => {
          if (jobs[i]?.fails)
            expect(result).toMatchObject({ status: 'rejected', reason: { message: `job ${i}` } });
          else expect(result).toEqual({ status: 'fulfilled', value: i });
        });
      },
    ),
    { numRuns: 300 },
  );
});

test('shared work runs together, and another sender’s work beside it', async () => {
  const lanes = new Lanes();
  const started: string[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const run = (name: string, sender: string, exclusive: boolean) =>
    lanes.run(sender, exclusive, async () => {
      started.push(name);
      await held;
    });
  const all = [
    run('a1', 'a', false),
    run('a2', 'a', false),
    run('a3', 'a', true),
    run('a4', 'a', false),
    run('b1', 'b', true),
  ];
  await new Promise(setImmediate);
  expect(started).toEqual(['a1', 'a2', 'b1']);
  release();
  await Promise.all(all);
  expect(started).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
});

test('a lane is idle when all its work has ended, also work that failed', async () => {
  const lane = new Lane();
  const failing = lane.run(true, async () => Promise.reject(new Error('no')));
  const following = lane.run(false, async () => 'done');
  expect(lane.idle).toBe(false);
  await expect(failing).rejects.toThrow('no');
  expect(await following).toBe('done');
  await new Promise(setImmediate);
  expect(lane.idle).toBe(true);
});
