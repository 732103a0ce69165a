import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf, WorkerError } from './errors.js';
import { installMissing, missingPackages } from './install.js';
import { AppMount } from './mount.js';
import type { Options } from './options.js';
import { Place } from './place.js';
import { type Ending, type Running, STANDARD_PORT, startProgram } from './program.js';
import { say } from './say.js';
import { readServerJson } from './server-json.js';
import { fetchStart } from './start.js';
import { type Watcher, watchFolder } from './watch.js';

/** Back-off after a crash: 1, 2, 4 … 30 s. */
const FIRST_DELAY_MS = 1000;
const LAST_DELAY_MS = 30_000;

/** A program that ran this long has recovered: its next crash waits 1 s again. */
const QUIET_MS = 60_000;

const NO_APP =
  'bubblewrap (bwrap) does not work here, so there is no /app. Published Python modules read their certificates ' +
  'in /app/certs and will fail: install it (Debian: apt install bubblewrap), or run the worker image.';

/** What a program runs in, for as long as the command runs. */
interface Stage {
  options: Options;
  folder: string;
  place: Place;
  mount: AppMount | undefined;
  watcher: Watcher | undefined;
}

/**
 * Runs the node server of `folder` until `stopped` is aborted: again after a crash and, when watched, after a change.
 * `killed` ends it without waiting.
 * @throws WorkerError when it cannot be started
 */
export async function runWorker(
  options: Options,
  folder: string,
  stopped: AbortSignal,
  killed: AbortSignal,
): Promise<void> {
  const { type } = await readServerJson(folder);
  if (options.install) await installMissing(folder, type);
  const missing = await missingPackages(folder, type);
  if (missing !== undefined) say(missing);
  const mount = await AppMount.detect();
  if (mount === undefined && type !== 'node') say(NO_APP);
  const place = await Place.make(folder);
  let watcher: Watcher | undefined;
  try {
    if (options.watch) watcher = await watchFolder(folder, options.ignore);
    await keepRunning({ options, folder, place, mount, watcher }, stopped, killed);
  } finally {
    await watcher?.close();
    await place.remove();
  }
}

async function keepRunning(stage: Stage, stopped: AbortSignal, killed: AbortSignal): Promise<void> {
  const end = new Promise<'stop'>((resolve) =>
    stopped.addEventListener('abort', () => resolve('stop'), { once: true }),
  );
  let failures = 0;
  let first = true;
  while (!stopped.aborted) {
    const change = stage.watcher?.changed();
    const startedAt = Date.now();
    let ending: Ending;
    try {
      const running = await start(stage);
      first = false;
      killed.addEventListener('abort', running.kill, { once: true });
      const next = await Promise.race([running.ended, end, ...(change === undefined ? [] : [change])]);
      ending = typeof next === 'string' ? await stopBecause(running, next) : next;
      killed.removeEventListener('abort', running.kill);
      if (stage.mount === undefined) await stage.place.carryBack();
      if (next === 'stop') return;
      if (typeof next === 'string') {
        failures = 0;
        continue;
      }
    } catch (error) {
      // Before it ever ran, the user is there to mend it.
      if (first || !(error instanceof WorkerError) || !(error.again || change)) throw error;
      ending = { reason: error.message, success: false };
    }
    failures = Date.now() - startedAt >= QUIET_MS ? 1 : failures + 1;
    if (!(await waitAfter(ending, failures, change, end))) return;
  }
}

async function start(stage: Stage): Promise<Running> {
  const { folder, options, place, mount } = stage;
  const serverJson = await readServerJson(folder);
  // Fetched each time: the record has what the last run stored.
  const start = await fetchStart(options.pgUrl);
  const { profileNum, name, worker } = start.nodeServer;
  say(
    `Starting ${serverJson.executable} as “${name || serverJson.name}” in slot ${profileNum}, worker ${worker}, ` +
      `broker ${start.iotHost}:${process.env.MQTTPORT ?? start.mqttPort ?? STANDARD_PORT}`,
  );
  if (serverJson.type !== 'node' && (start.mqttPort ?? STANDARD_PORT) !== STANDARD_PORT)
    say(
      `The broker is at port ${start.mqttPort}, but published Python modules always use ${STANDARD_PORT}: set MQTT_PORT=${STANDARD_PORT} at the service for them.`,
    );
  return startProgram({ folder, place, mount, serverJson, start });
}

async function stopBecause(running: Running, what: string): Promise<Ending> {
  say(what === 'stop' ? 'Stopping …' : `${what} changed: starting again`);
  return running.stop();
}

/** @returns whether it is to start again */
async function waitAfter(
  { reason, success }: Ending,
  failures: number,
  change: Promise<string> | undefined,
  end: Promise<'stop'>,
): Promise<boolean> {
  if (success && change === undefined) {
    say(`${reason}.`);
    return false;
  }
  const timer = new AbortController();
  const waits: Promise<unknown>[] = [end, ...(change === undefined ? [] : [change])];
  if (success) {
    // It was stopped from the dashboard, or has nothing more to do.
    say(`${reason}. It starts again when a file changes; Ctrl-C ends this.`);
  } else {
    const ms = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LAST_DELAY_MS);
    const sooner = change === undefined ? '' : ', or when a file changes';
    say(`${reason}${/[.!?]$/.test(reason) ? '' : '.'} Starting again in ${ms / 1000} s${sooner}.`);
    waits.push(delay(ms, undefined, { signal: timer.signal }).catch(reasonOf));
  }
  const next = await Promise.race(waits);
  timer.abort();
  return next !== 'stop';
}
