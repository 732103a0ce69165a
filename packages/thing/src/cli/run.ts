import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@polyrelay/essentials';
import type { ReceivedMessage } from '../store.js';
import { Thing } from '../thing.js';
import { findHandler, type Handler, handle } from './handler.js';
import type { CommandLine } from './options.js';
import { EXIT, say } from './say.js';

/** A handler that runs when the service stops may finish within this. */
const GRACE_MS = 10_000;

interface Work {
  thing: Thing;
  handler: Handler;
  timeoutMs: number;
  tries: number;
  /** No new message is begun. */
  stopping: AbortSignal;
  /** What runs is ended. */
  ending: AbortSignal;
}

/** Stays connected until it is told to stop. */
export async function run(line: CommandLine): Promise<number> {
  const file = line.text('handler');
  const handler = file === undefined ? undefined : await findHandler(file);
  const [timeoutMs, tries] = [line.number('timeout', 60, 0.1) * 1000, line.number('tries', 5, 1)];
  // A message stays until its handler had it, however long that is away.
  const thing = await Thing.open({ ...line.open, ...(handler === undefined ? {} : { expireSeconds: 0 }) });
  tell(thing);
  const [stopping, ending] = [new AbortController(), new AbortController()];
  const stopped = onSignals(stopping, ending);
  try {
    const messages = thing.messages();
    const work = { thing, timeoutMs, tries, stopping: stopping.signal, ending: ending.signal };
    const working = consume(messages, handler === undefined ? undefined : { ...work, handler });
    await Promise.race([working, stopped]);
    if (stopping.signal.aborted) {
      const grace = setTimeout(() => ending.abort(), GRACE_MS);
      await thing.close();
      await working;
      clearTimeout(grace);
    }
  } finally {
    await thing.close();
  }
  say('Stopped.');
  return EXIT.ok;
}

async function consume(messages: AsyncIterable<ReceivedMessage>, work: Work | undefined): Promise<void> {
  for await (const message of messages) {
    if (work === undefined) say(`Message ${message.id} is stored.`);
    else if (!(await handleMessage(message, work))) return;
  }
}

/** @returns false when it is to stop; the message then stays for the next start */
async function handleMessage(message: ReceivedMessage, work: Work): Promise<boolean> {
  const { thing, handler, timeoutMs, tries, stopping, ending } = work;
  const backoff = new Backoff();
  for (let attempt = 1; !stopping.aborted; attempt += 1) {
    const failure = await handle(handler, message, thing.config, timeoutMs, ending);
    if (failure === undefined) {
      await thing.removeMessageFromStore(message);
      return true;
    }
    if (ending.aborted) return false;
    say(`The handler failed with message ${message.id} (${attempt} of ${tries}): ${failure}`);
    if (attempt >= tries) {
      await thing.store.setAside(message, failure);
      say(`Message ${message.id} is set aside in ${thing.store.failedFile}`);
      return true;
    }
    await delay(backoff.next(), undefined, { signal: stopping }).catch(() => {});
  }
  return false;
}

function tell(thing: Thing): void {
  const { name, mqtt } = thing.config;
  thing.on('connected', () => say(`Connected to ${mqtt.host}:${mqtt.port} as ${name}.`));
  thing.on('disconnected', (reason) => say(`Not connected: ${reason} Trying again.`));
  thing.on('waiting', (reason) => say(`Messages wait on disk: ${reason}`));
  thing.on('collected', (id) => say(`Message ${id} is collected.`));
  thing.on('refused', (id, reason) => say(`Message ${id} was refused and is set aside: ${reason}`));
}

/** The first signal asks it to stop, a second one does not wait. */
function onSignals(stopping: AbortController, ending: AbortController): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = () => {
      if (stopping.signal.aborted) ending.abort();
      stopping.abort();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}
