import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf, ThingError } from '../errors.js';
import { Thing } from '../thing.js';
import { type CommandLine, usage } from './options.js';
import { EXIT, print, say } from './say.js';

/** So many lines are written to disk together. */
const TOGETHER = 500;

interface Tally {
  ids: string[];
  /** Lines that were not kept. */
  bad: number;
}

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
  const first = new Promise<string>((resolve) => thing.once('waiting', resolve));
  try {
    const tally: Tally = { ids: [], bad: 0 };
    if (lines) await collectLines(thing, tally);
    else tally.ids.push(await thing.collect(single, id === undefined ? {} : { id }));
    const timer = new AbortController();
    const late = delay(waitMs, `${thing.config.collectUrl} takes longer`, { signal: timer.signal });
    late.catch(() => {});
    const code = await outcome(thing, tally, Promise.race([first, late]), lines);
    timer.abort();
    return code;
  } finally {
    await thing.close();
  }
}

async function outcome(
  thing: Thing,
  { ids, bad }: Tally,
  waiting: Promise<string>,
  lines: boolean,
): Promise<number> {
  const counts = { collected: 0, refused: 0, queued: 0 };
  let reason = '';
  for (const id of ids) {
    const state = await Promise.race([
      thing.sent(id).then(
        () => 'collected' as const,
        (error: unknown) => {
          say(`refused ${id}: ${reasonOf(error)}`);
          return 'refused' as const;
        },
      ),
      waiting.then((why) => {
        reason = why;
        return 'queued' as const;
      }),
    ]);
    counts[state] += 1;
    if (!lines && state !== 'refused') print(`${state} ${id}`);
  }
  if (lines) print(`${counts.collected} collected, ${counts.queued} queued, ${counts.refused + bad} refused`);
  if (counts.queued > 0) say(`Kept on disk and sent later, by “run” or the next “collect”: ${reason}`);
  if (counts.refused + bad > 0) return EXIT.refused;
  return counts.queued > 0 ? EXIT.queued : EXIT.ok;
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
          tally.ids.push(await thing.collect(parse(text, place)));
        } catch (error) {
          const ofLine = error instanceof ThingError && ['PAYLOAD', 'MESSAGE_TOO_LARGE'].includes(error.code);
          if (!ofLine) throw error;
          tally.bad += 1;
          say(`refused ${place}: ${error.message}`);
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
