import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine } from '@polyrelay/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { logFilter } from './levels.js';
import { type LogSettings, WorkerLog } from './log.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-log-'));
  path = join(folder, 'deep', 'worker.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const all = (_line: LogLine): boolean => true;
const numbers = (lines: LogLine[]): number[] => lines.map(({ n }) => n);
const texts = (lines: LogLine[]): string[] => lines.map(({ text }) => text);
const upTo = (last: number, from = 1): number[] =>
  Array.from({ length: last - from + 1 }, (_, i) => from + i);
async function whole(log: WorkerLog, matches = all): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const block of log.all(matches)) lines.push(...block);
  return lines;
}

describe('the log of a worker', () => {
  test('is there again after a restart, and its numbers go on, also for lines that came before it was read', async () => {
    for (let run = 0; run < 3; run++) {
      const log = new WorkerLog(path);
      for (let i = 0; i < 10; i++) log.add('stdout', `run ${run} line ${i}`);
      await log.flush();
      expect(numbers(await log.newest(1000, all))).toEqual(upTo((run + 1) * 10));
    }
    const lines = await whole(new WorkerLog(path));
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
    expect(texts(await new WorkerLog(path).newest(10, all))).toEqual(['whole', 'after']);
    expect(numbers(await whole(new WorkerLog(path)))).toEqual([1, 2]);
  });

  test('is bounded: four files, of which the oldest goes; the newest lines are there without a gap', async () => {
    const log = new WorkerLog(path);
    const text = 'x'.repeat(2000);
    for (let i = 1; i <= 9000; i++) {
      log.add('stdout', `${i} ${text}`);
      if (i % 500 === 0) await log.flush();
    }
    const files = ['worker.log', 'worker.log.1', 'worker.log.2', 'worker.log.3'];
    expect((await readdir(join(folder, 'deep'))).sort()).toEqual(files);
    for (const name of files)
      expect((await stat(join(folder, 'deep', name))).size).toBeLessThan(4 * 1024 * 1024);
    const kept = await whole(log);
    expect(numbers(kept)).toEqual(upTo(9000, kept[0]?.n));
    expect(kept.length).toBeGreaterThan(3500);
    expect(kept.length).toBeLessThan(7500);
    expect(numbers(await new WorkerLog(path).newest(3, all))).toEqual([8998, 8999, 9000]);
  });

  test('a disk that cannot be written to does not stop it', async () => {
    // A file where the folder must be.
    await writeFile(join(folder, 'deep'), '');
    const log = new WorkerLog(path);
    log.add('stdout', 'still in memory');
    await log.flush();
    log.add('stdout', 'and the next one');
    expect(texts(await log.newest(10, all))).toEqual(['still in memory', 'and the next one']);
    for (let i = 0; i < 1500; i++) log.add('stdout', `${i}`);
    await log.flush();
    expect(await whole(log)).toHaveLength(1000);
    // When there is space again they are written.
    await rm(join(folder, 'deep'));
    log.add('stdout', 'written');
    await log.flush();
    expect(numbers(await whole(new WorkerLog(path)))).toEqual(upTo(1503, 503));
  });

  test('a follower hears every new line until it ends, many at once', async () => {
    const log = new WorkerLog(path);
    const heard: string[][] = [];
    const end = log.follow({
      lines: (lines, json) => {
        expect(json.map((text) => JSON.parse(text) as LogLine)).toEqual(lines);
        heard.push(texts([...lines]));
      },
    });
    log.add('stdout', 'one');
    log.add('stderr', 'two "quoted" \\ line');
    await log.flush();
    end();
    log.add('stdout', 'three');
    await log.flush();
    expect(heard).toEqual([['one', 'two "quoted" \\ line']]);
  });

  test('lines are chosen by level and text', async () => {
    const log = new WorkerLog(path);
    log.add('stdout', 'Alpha', 'debug');
    log.add('stdout', 'beta', 'warning');
    log.add('stdout', 'ALPHABET', 'error');
    const chosen = async (...filter: Parameters<typeof logFilter>) =>
      texts(await log.newest(10, logFilter(...filter)));
    expect(await chosen(undefined, undefined)).toEqual(['Alpha', 'beta', 'ALPHABET']);
    expect(await chosen('warning', undefined)).toEqual(['beta', 'ALPHABET']);
    expect(await chosen(undefined, 'alpha')).toEqual(['Alpha', 'ALPHABET']);
    expect(await chosen('error', 'alpha')).toEqual(['ALPHABET']);
    expect(numbers(await log.newest(1, all))).toEqual([3]);
  });

  test('clearing removes every line; numbers go on, also after a restart', async () => {
    const log = new WorkerLog(path);
    const cleared: number[] = [];
    log.follow({ lines: () => undefined, cleared: (last) => cleared.push(last) });
    for (let i = 1; i <= 100; i++) log.add('stdout', `secret ${i}`);
    await log.clear();
    expect(cleared).toEqual([100]);
    expect(await whole(log)).toEqual([]);
    expect(await readFile(path, 'utf8')).not.toContain('secret');
    expect(await readdir(join(folder, 'deep'))).toEqual(['worker.log']);
    const again = new WorkerLog(path);
    again.add('stdout', 'new');
    expect(numbers(await whole(again))).toEqual([101]);
    expect(await again.page({ before: 101, limit: 10 }, all)).toMatchObject({ lines: [], hasOlder: false });
  });

  test('the level and the secrets are asked for before the first line, and again when they change', async () => {
    let settings: LogSettings = { level: 'warning', secrets: ['canary-one'] };
    const log = new WorkerLog(path, () => Promise.resolve(settings));
    log.add('stdout', 'dropped');
    log.add('stdout', 'a canary-one of a warning', 'warning');
    log.add('service', 'what the service says is always kept');
    await log.flush();
    settings = { level: 'debug', secrets: ['canary-two'] };
    await log.reload();
    log.add('stdout', 'DEBUG canary-two');
    expect(texts(await whole(log))).toEqual([
      'a … of a warning',
      'what the service says is always kept',
      'DEBUG …',
    ]);
    expect(await readFile(path, 'utf8')).not.toContain('canary');
  });

  test('an unused log touches no file and asks for nothing', async () => {
    let asked = 0;
    const log = new WorkerLog(path, () => {
      asked++;
      return Promise.resolve({ level: 'debug', secrets: [] });
    });
    await log.reload();
    await log.flush();
    expect(asked).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a part of the log', () => {
  const START = Date.UTC(2026, 0, 1);
  /** One line a second, so many that there are several files, some of them longer than what is read at once. */
  async function longLog(count: number): Promise<WorkerLog> {
    const log = new WorkerLog(path);
    for (let i = 1; i <= count; i++) {
      const text = i % 1000 === 0 ? `${i} ${'é'.repeat(12_000)}` : `${i} ${'x'.repeat(i % 700)}`;
      log.add('mqtt', text, i % 10 === 0 ? 'warning' : 'info', new Date(START + i * 1000));
      if (i % 400 === 0) await log.flush();
    }
    await log.flush();
    return log;
  }

  test('is found by number and by time, and paged in both directions', async () => {
    const count = 12_000;
    const log = await longLog(count);
    expect((await readdir(join(folder, 'deep'))).length).toBeGreaterThan(1);
    const page = (query: Parameters<WorkerLog['page']>[0], matches = all) => log.page(query, matches);

    // Back from the end, page by page: every line once.
    const seen: number[] = [];
    let before: number | undefined;
    for (;;) {
      const { lines, hasOlder } = await page({ before, limit: 1777 });
      seen.unshift(...numbers(lines));
      if (!hasOlder) break;
      before = lines[0]?.n;
    }
    expect(seen).toEqual(upTo(count));

    for (const n of [1, 2, 999, 1000, 1001, 5000, 8123, count - 1, count]) {
      expect(numbers((await page({ before: n, limit: 3 })).lines)).toEqual(upTo(n - 1, Math.max(1, n - 3)));
      expect(numbers((await page({ after: n, limit: 3 })).lines)).toEqual(
        upTo(Math.min(count, n + 3), n + 1),
      );
      const at = new Date(START + n * 1000 - 1).toISOString();
      const around = await page({ at, limit: 10 });
      expect(around.found).toBe(n);
      expect(numbers(around.lines)).toContain(n);
      expect(numbers(around.lines)).toEqual(upTo(around.lines.at(-1)?.n ?? 0, around.lines[0]?.n));
    }
    expect(await page({ at: '2030-01-01T00:00:00+01:00', limit: 2 })).toMatchObject({
      found: null,
      lines: [{ n: count - 1 }, { n: count }],
      hasOlder: true,
      hasNewer: false,
    });
    expect(await page({ at: '2000-01-01T00:00:00Z', limit: 2 })).toMatchObject({ found: 1, hasOlder: false });

    const warnings = await page({ before: 5000, limit: 5 }, logFilter('warning', undefined));
    expect(numbers(warnings.lines)).toEqual([4950, 4960, 4970, 4980, 4990]);
    expect(await page({ limit: 5 }, logFilter('error', undefined))).toEqual({
      lines: [],
      hasOlder: false,
      hasNewer: false,
      found: null,
    });
  });
});
