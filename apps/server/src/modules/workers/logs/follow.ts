import type { LogLine, LogStatus } from '@polyrelay/contract';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { openStream } from '#edges/live/stream.js';
import type { WorkerLog } from './log.js';
import type { LogFilter } from './reader.js';

const HEARTBEAT_MS = 15_000;

/** A follower that has so much to read yet is sent nothing more until it has. */
const SLOW_BYTES = 1024 * 1024;

/** Lines in one event: a browser reads it without a pause that is felt. */
const MOST_IN_EVENT = 500;

/** One that is further behind skips what it cannot read in time, and goes on with the newest lines. */
const MOST_BEHIND = 60_000;
const GO_ON_WITH = 5000;

interface Following {
  log: WorkerLog;
  /** So many of the newest lines at first, */
  lines: number;
  /** or what came behind this one, when it is not 0. */
  after: number;
  matches: LogFilter;
  /** Called once it follows. @returns a function for the end */
  onFollow: () => () => void;
}

/** Streams that are open, so that a stopping service ends them. */
const open = new WeakMap<FastifyInstance, Set<() => void>>();

export function closeLogStreams(app: FastifyInstance): void {
  for (const close of open.get(app) ?? []) close();
}

/** Sends a log as server-sent events: what is there, then what comes, many lines in one event. */
export function followLog(app: FastifyInstance, reply: FastifyReply, following: Following): void {
  const { log, lines, after, matches, onFollow } = following;
  const stream = openStream(reply);
  /** The number of the last line that was sent or left out, and of the last one there is. */
  let sent = after;
  let last = 0;
  let isClosed = false;
  let isDraining = false;
  /** What comes while older lines are read waits for them; undefined when the follower is up to date. */
  let waiting: (() => void)[] | undefined = [];

  const send = (event: string, data: string, id?: number): void => {
    stream.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`);
  };
  const sendStatus = (status: LogStatus): void => send('status', JSON.stringify(status));

  /** Sends what matches, until the follower is too slow. */
  const sendLines = (all: readonly LogLine[], json: readonly string[]): void => {
    for (let from = 0; from < all.length; from += MOST_IN_EVENT) {
      if (stream.writableLength > SLOW_BYTES) {
        waiting ??= [];
        afterDrain();
        return;
      }
      const block = all.slice(from, from + MOST_IN_EVENT);
      const chosen = block.flatMap((line, i) =>
        line.n > sent && matches(line) ? (json[from + i] ?? JSON.stringify(line)) : [],
      );
      sent = Math.max(sent, block.at(-1)?.n ?? 0);
      if (chosen.length > 0) send('lines', `[${chosen.join(',')}]`, sent);
    }
  };

  /** Reads from the files what came meanwhile. */
  const catchUp = async (): Promise<void> => {
    for (let hasNewer = true; hasNewer && !isClosed; ) {
      if (last - sent > MOST_BEHIND) {
        send('skipped', JSON.stringify({ lines: last - GO_ON_WITH - sent }));
        sent = last - GO_ON_WITH;
      }
      waiting = [];
      const page = await log.page({ after: sent, limit: MOST_IN_EVENT }, matches);
      hasNewer = page.hasNewer;
      sendLines(page.lines, []);
      if (stream.writableLength > SLOW_BYTES) {
        afterDrain();
        return;
      }
    }
    goLive();
  };
  const afterDrain = (): void => {
    if (isDraining) return;
    isDraining = true;
    stream.once('drain', () => {
      isDraining = false;
      catchUp().catch(fail);
    });
  };
  const fail = (error: unknown): void => {
    app.logger.warn({ err: error }, 'a log could not be read');
    close();
  };
  const goLive = (): void => {
    const held = waiting ?? [];
    waiting = undefined;
    for (const work of held) work();
  };
  const inTurn = (work: () => void): void => {
    if (waiting === undefined) work();
    else waiting.push(work);
  };

  const end = log.follow({
    lines: (all, json) => {
      last = all.at(-1)?.n ?? last;
      inTurn(() => sendLines(all, json));
    },
    cleared: (n) => send('cleared', JSON.stringify({ n })),
    status: sendStatus,
  });
  const endFollow = onFollow();
  const heartbeat = setInterval(() => stream.write(': \n\n'), HEARTBEAT_MS);
  const close = (): void => {
    isClosed = true;
    clearInterval(heartbeat);
    end();
    endFollow();
    open.get(app)?.delete(close);
    stream.end();
  };
  const streams = open.get(app) ?? new Set<() => void>();
  open.set(app, streams.add(close));
  stream.on('close', close);

  const begin = async (): Promise<void> => {
    if (after > 0) await catchUp();
    else {
      sendLines(await log.newest(lines, matches), []);
      if (!isDraining) goLive();
    }
    // Also says that what was there has been sent.
    sendStatus(log.status);
  };
  begin().catch(fail);
}
