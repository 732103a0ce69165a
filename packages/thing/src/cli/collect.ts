import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '@polyrelay/essentials';
import { ThingError } from '../errors.js';
import { Thing } from '../thing.js';
import { type CommandLine, usage } from './options.js';
import { EXIT, print, say } from './say.js';

/** So many lines are written to disk together. */
const TOGETHER = 500;

/** Sends what it is given, or keeps it on disk for later. */
export async function collect(line: CommandLine): Promise<number> {
  const waitMs = line.number('wait', 10) * 1000;
  const [text, id, lines] = [line.text('json'), line.text('id'), line.flag('lines')];
  if (lines && (text !== undefined || id !== undefined))
    throw usage('--lines reads stdin, and makes the ids');
  const single = lines
    ? undefined
    : parse(text ?? (await readStdin()), text === undefined ? 'stdin' : '--json');
  const thing = await Thing.open(line.open);
  const tally = new Tally(thing);
  try {
    if (lines) await collectLines(thing, tally);
    else tally.follow(await thing.collect(single, id === undefined ? {} : { id }));
    const reason = await tally.end(waitMs);
    return report(tally, reason, lines ? undefined : tally.last);
  } finally {
    await thing.close();
  }
}

/** What became of the messages so far. */
class Tally {
  collected = 0;
  refused = 0;
  last = '';
  readonly #thing: Thing;
  readonly #waiting: Promise<string>;
  readonly #pending = new Set<string>();
  #moved = (): void => {};

  constructor(thing: Thing) {
    this.#thing = thing;
    this.#waiting = new Promise((resolve) => thing.once('waiting', resolve));
    // What an earlier run left behind goes first.
    thing.on('collected', () => this.#moved());
  }

  /** Kept on disk, and not sent yet. */
  get queued(): number {
    return this.#pending.size;
  }

  /** Hears of a message from the moment it is on disk. */
  follow(id: string): void {
    this.last = id;
    this.#pending.add(id);
    const done = (): void => {
      this.#pending.delete(id);
      this.#moved();
    };
    this.#thing.sent(id).then(
      () => {
        this.collected += 1;
        done();
      },
      (error: unknown) => {
        // Closed before it was sent: it stays on disk.
        if (error instanceof ThingError && error.code === 'CLOSED') return;
        this.refuse(id, reasonOf(error));
        done();
      },
    );
  }

  refuse(what: string, reason: string): void {
    this.refused += 1;
    say(`refused ${what}: ${reason}`);
  }

  /** Waits until all is sent. @returns why it is not, when the service is away or nothing moves for `waitMs` */
  async end(waitMs: number): Promise<string | undefined> {
    while (this.#pending.size > 0) {
      const moved = new Promise<void>((resolve) => {
        this.#moved = resolve;
      });
      const timer = new AbortController();
      const late = delay(waitMs, `${this.#thing.config.collectUrl} takes longer`, { signal: timer.signal });
      late.catch(() => {});
      const reason = await Promise.race([moved, this.#waiting, late]);
      timer.abort();
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
}

/** @param single the id of the message, when there was one */
function report(
  { collected, queued, refused }: Tally,
  reason: string | undefined,
  single: string | undefined,
): number {
  if (single === undefined) print(`${collected} collected, ${queued} queued, ${refused} refused`);
  else if (refused === 0) print(`${queued > 0 ? 'queued' : 'collected'} ${single}`);
  if (queued > 0) say(`Kept on disk and sent later, by “run” or the next “collect”: ${reason}`);
  if (refused > 0) return EXIT.refused;
  return queued > 0 ? EXIT.queued : EXIT.ok;
}

async function collectLines(thing: Thing, tally: Tally): Promise<void> {
  let number = 0;
  let pending: Promise<void>[] = [];
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (text.trim() === '') continue;
    const place = `line ${number}`;
    pending.push(
      (async () => {
        try {
          tally.follow(await thing.collect(parse(text, place)));
        } catch (error) {
          const ofLine = error instanceof ThingError && ['PAYLOAD', 'MESSAGE_TOO_LARGE'].includes(error.code);
          if (!ofLine) throw error;
          tally.refuse(place, error.message);
        }
      })(),
    );
    if (pending.length >= TOGETHER) {
      await Promise.all(pending);
      pending = [];
    }
  }
  await Promise.all(pending);
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const example = `A text is JSON in double quotes; an example: '{"temperature": 21.5}'`;
    throw new ThingError('PAYLOAD', `${place} is not JSON: ${reasonOf(cause)}. ${example}`, { cause });
  }
}

async function readStdin(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) text += chunk;
  return text;
}
