import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/server/dist/main.js', import.meta.url));

/** The service as its users run it: the built program in a process of its own. */
export interface Service {
  url: string;
  dataDir: string;
  /** What it printed so far. */
  output(): string;
  /** The one-time link of the first start. */
  setupLink(): string;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and ports. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  env?: Record<string, string>;
  dataDir?: string;
}

/** Starts a service on free ports. */
export async function startService({ env = {}, dataDir }: ServiceOptions = {}): Promise<Service> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'pr-e2e-')));
  let child: ChildProcess | undefined;
  let output = '';
  let port = '0';
  let mqttPort = '0';

  async function start(): Promise<void> {
    output = '';
    const started = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        PORT: port,
        HOST: '127.0.0.1',
        MQTT_PORT: mqttPort,
        PUSH_PORT: '0',
        PUSH_TLS_PORT: '0',
        DATA_DIR: folder,
        ...env,
      },
    });
    child = started;
    await new Promise<void>((resolve, reject) => {
      const read = (text: string): void => {
        output += text;
        if (/ready at http/.test(output) && /\n {2}(Set up|Polyrelay is)/.test(output)) resolve();
      };
      started.stdout.setEncoding('utf8').on('data', read);
      started.stderr.setEncoding('utf8').on('data', read);
      started.once('exit', (code) => reject(new Error(`the service ended with code ${code}:\n${output}`)));
    });
    port = /ready at http:\/\/[^:/"]+:(\d+)/.exec(output)?.[1] ?? port;
    const health = (await (await fetch(`http://localhost:${port}/api/health`)).json()) as {
      broker: { detail: string };
    };
    mqttPort = /on port (\d+)/.exec(health.broker.detail)?.[1] ?? mqttPort;
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    running.removeAllListeners('exit');
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  await start();
  return {
    get url() {
      return `http://localhost:${port}`;
    },
    dataDir: folder,
    output: () => output,
    setupLink: () => /http\S+\/setup\?token=\S+/.exec(output)?.[0] ?? '',
    kill: () => end('SIGKILL'),
    start,
    stop: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
