import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine } from '@polyrelay/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logFilter, WorkerLog } from './log.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-log-'));
  path = join(folder, 'deep', 'worker.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const all = (): boolean => true;
const numbers = (lines: LogLine[]): number[] => lines.map(({ n }) => n);
const upTo = (last: number, from = 1): number[] =>
  Array.from({ length: last - from + 1 }, (_, i) => from + i);
const inFile = async (file: string): Promise<LogLine[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogLine);

describe('the log of a worker', () => {
  test('is there again after a restart, and its numbers go on, also for lines that came before it was read', async () => {
    for (let run = 0; run < 3; run++) {
      const log = new WorkerLog(path);
      for (let i = 0; i < 10; i++) log.add('stdout', `run ${run} line ${i}`);
      await log.flush();
      expect(numbers(await log.newest(1000, all))).toEqual(upTo((run + 1) * 10));
    }
    const lines = await inFile(path);
    expect(numbers(lines)).toEqual(upTo(30));
    expect(lines[29]?.text).toBe('run 2 line 9');
  });

  test('a line cut by a crash costs that line alone', async () => {
    const log = new WorkerLog(path);
    log.add('stdout', 'whole');
    await log.flush();
    await appendFile(path, '{"n":2,"at":"2026');
    const again = new WorkerLog(path);
    again.add('stdout', 'after');
    await again.flush();
    const third = await new WorkerLog(path).newest(10, all);
    expect(third.map(({ text }) => text)).toEqual(['whole', 'after']);
  });

  test('is bounded: the file is set aside, memory keeps the newest 5,000', async () => {
    const log = new WorkerLog(path);
    const text = 'x'.repeat(2000);
    for (let i = 1; i <= 9000; i++) {
      log.add('stdout', `${i} ${text}`);
      if (i % 500 === 0) await log.flush();
    }
    await log.flush();
    expect((await readdir(join(folder, 'deep'))).sort()).toEqual(['worker.log', 'worker.log.1']);
    for (const name of ['worker.log', 'worker.log.1'])
      expect((await stat(join(folder, 'deep', name))).size).toBeLessThan(7 * 1024 * 1024);
    const kept = await log.newest(100_000, all);
    expect(kept.length).toBeGreaterThanOrEqual(5000);
    expect(kept.length).toBeLessThanOrEqual(6000);
    expect(kept.at(-1)?.n).toBe(9000);
    // Both files together hold the newest lines without a gap.
    const files = [...(await inFile(`${path}.1`)), ...(await inFile(path))];
    expect(numbers(files)).toEqual(upTo(9000, files[0]?.n));
    expect(numbers(await new WorkerLog(path).newest(100_000, all)).at(-1)).toBe(9000);
  });

  test('a disk that cannot be written to does not stop it', async () => {
    // A file where the folder must be.
    await writeFile(join(folder, 'deep'), '');
    const log = new WorkerLog(path);
    log.add('stdout', 'still in memory');
    await log.flush();
    log.add('stdout', 'and the next one');
    await log.flush();
    expect((await log.newest(10, all)).map(({ text }) => text)).toEqual([
      'still in memory',
      'and the next one',
    ]);
  });

  test('a follower hears every new line until it ends', async () => {
    const log = new WorkerLog(path);
    const heard: string[] = [];
    const end = log.follow(({ text }) => heard.push(text));
    log.add('stdout', 'one');
    log.add('stdout', 'two');
    end();
    log.add('stdout', 'three');
    await log.flush();
    expect(heard).toEqual(['one', 'two']);
  });

  test('lines are chosen by level and text', async () => {
    const log = new WorkerLog(path);
    log.add('stdout', 'Alpha', 'debug');
    log.add('stdout', 'beta', 'warning');
    log.add('stdout', 'ALPHABET', 'error');
    const texts = async (...filter: Parameters<typeof logFilter>) =>
      (await log.newest(10, logFilter(...filter))).map(({ text }) => text);
    expect(await texts(undefined, undefined)).toEqual(['Alpha', 'beta', 'ALPHABET']);
    expect(await texts('warning', undefined)).toEqual(['beta', 'ALPHABET']);
    expect(await texts(undefined, 'alpha')).toEqual(['Alpha', 'ALPHABET']);
    expect(await texts('error', 'alpha')).toEqual(['ALPHABET']);
    expect(numbers(await log.newest(1, all))).toEqual([3]);
    await log.flush();
  });
});
