import { type ChildProcess, spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { recordVariable, type ServerJson, type WorkerStart } from '@polyrelay/contract';
import { reasonOf } from './errors.js';
import type { AppMount } from './mount.js';
import type { Place } from './place.js';

/** A program that was told to stop has this long (PGC section 4). */
const STOP_MS = 2000;

/** Published modules have it built in. */
export const STANDARD_PORT = 8883;

export interface Ending {
  /** In words for the user. */
  reason: string;
  success: boolean;
}

/** The node server's program, running. */
export interface Running {
  ended: Promise<Ending>;
  /** SIGTERM, then SIGKILL for it and its children. Resolves when it has ended. */
  stop(): Promise<Ending>;
  /** SIGKILL at once. */
  kill(): void;
}

interface ProgramOptions {
  folder: string;
  place: Place;
  mount: AppMount | undefined;
  serverJson: ServerJson;
  start: WorkerStart;
}

/** Starts the program with all that it expects (PGC section 2). Its output is the command's own. */
export async function startProgram({
  folder,
  place,
  mount,
  serverJson,
  start,
}: ProgramOptions): Promise<Running> {
  await place.writeCertificates(start);
  if (mount === undefined) await place.link();
  const command = await interpreterOf(folder, serverJson.type);
  const line =
    mount === undefined
      ? [command, serverJson.executable]
      : mount.wrap(place.path, folder, command, [serverJson.executable]);
  const child = spawn(line[0] ?? command, line.slice(1), {
    cwd: mount === undefined ? place.nodeserver : folder,
    env: environmentOf(start),
    stdio: ['ignore', 'inherit', 'inherit', mount === undefined ? 'ignore' : 'pipe'],
    // Its own process group: Ctrl-C is for this command, which then stops the program and all its children.
    detached: true,
  });
  return running(child, command, mount === undefined ? undefined : innerPid(child.stdio[3] as Readable));
}

/** The Python of a virtual environment in the folder, `python3`, or this Node.js. */
export async function interpreterOf(folder: string, type: ServerJson['type']): Promise<string> {
  if (type === 'node') return process.execPath;
  for (const name of ['.venv', 'venv']) {
    const inner = `${name}/bin/python`;
    if (await exists(join(folder, inner))) return `./${inner}`;
  }
  return 'python3';
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

function environmentOf(start: WorkerStart): NodeJS.ProcessEnv {
  const { PGURL, ...own } = process.env;
  const port = String(start.mqttPort ?? STANDARD_PORT);
  return {
    ...(port === String(STANDARD_PORT) ? {} : { MQTTPORT: port }),
    ...own,
    STAGE: start.stage,
    MQTTENDPOINT: start.iotHost,
    NODESERVER: recordVariable(start.nodeServer),
    PYTHONUNBUFFERED: '1',
  };
}

function running(
  child: ChildProcess,
  command: string,
  inner: Promise<number | undefined> | undefined,
): Running {
  const kill = (): void => signalTo(child.pid === undefined ? undefined : -child.pid, 'SIGKILL');
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) =>
      resolve({ reason: `“${command}” could not be started: ${reasonOf(error)}`, success: false }),
    );
    child.once('exit', (code, signal) => {
      // Children it left behind end with it.
      kill();
      // bubblewrap reports a signal as a shell does.
      const by = signal ?? (code !== null && code > 128 ? `signal ${code - 128}` : undefined);
      resolve({
        reason: by === undefined ? `It ended with code ${code}` : `It was ended by ${by}`,
        success: code === 0,
      });
    });
  });
  const stop = async (): Promise<Ending> => {
    const timer = setTimeout(kill, STOP_MS);
    // bubblewrap itself would take the program down at once.
    signalTo((await inner) ?? child.pid, 'SIGTERM');
    const ending = await ended;
    clearTimeout(timer);
    return ending;
  };
  return { ended, stop, kill };
}

async function innerPid(info: Readable): Promise<number | undefined> {
  let text = '';
  for await (const chunk of info) text += String(chunk);
  return Number(/"child-pid":\s*(\d+)/.exec(text)?.[1]) || undefined;
}

function signalTo(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch {
    // Ended in this moment.
  }
}
