import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Limits } from '@polyrelay/contract';
import type Docker from 'dockerode';
import { DomainError, messageOf } from '#core/errors.js';
import type { Ending, Language, Program, RunningProgram, Runtime } from '../types.js';
import { connectDocker } from './connect.js';
import { containerOf, LABEL } from './container.js';
import { readOutput } from './output.js';

const run = promisify(execFile);

/** After a container has ended, its last output may still be on the way. */
const LAST_OUTPUT_MS = 2000;

/** Whoever runs a worker where the service is root. */
const NOBODY = '65534';

interface DockerOptions {
  /** DOCKER_HOST. */
  host: string | undefined;
  images: Record<Language, string>;
  dataDir: string;
  /** DATA_DIR as Docker's machine calls it, where the service itself runs in a container. */
  dockerDataDir: string | undefined;
}

/** Runs each worker in a container of its own, made for one run and removed after it. */
export class DockerRuntime implements Runtime {
  readonly name = 'docker';
  readonly inbound = 'mapped';
  readonly #docker: Docker;
  readonly #options: DockerOptions;
  readonly #isRoot = process.getuid?.() === 0;

  private constructor(docker: Docker, options: DockerOptions) {
    this.#docker = docker;
    this.#options = options;
  }

  /** Finds out whether there is a Docker. @returns the runtime, or why it cannot be had and what to do about it */
  static async detect(options: DockerOptions): Promise<DockerRuntime | string> {
    const docker = await connectDocker(options.host);
    return typeof docker === 'string' ? docker : new DockerRuntime(docker, options);
  }

  interpreter(language: Language): string {
    return language;
  }

  appFolder(): string {
    return '/app';
  }

  async adopt(folder: string): Promise<void> {
    if (this.#isRoot) await run('chown', ['-R', '-h', `${NOBODY}:${NOBODY}`, '--', folder]);
  }

  async run(program: Program): Promise<RunningProgram> {
    const { folder, language, limits, onLine } = program;
    const image = this.#options.images[language];
    const surroundings = { image, source: this.#sourceOf(folder), user: this.#user };
    const container = await this.#docker
      .createContainer(containerOf(program, surroundings))
      .catch((error: unknown) => {
        throw notCreated(error, image, language);
      });
    try {
      // Before it starts: nothing that it prints is missed.
      const output = await container.attach({ stream: true, stdout: true, stderr: true });
      const read = readOutput(output as unknown as AsyncIterable<Buffer>, onLine);
      await container.start();
      return {
        pid: undefined,
        ended: endingOf(container, read, limits),
        // Gone already, or being removed.
        kill: () => void container.kill().catch(() => undefined),
      };
    } catch (cause) {
      await remove(container);
      throw new DomainError('unavailable', 'notStarted', `Docker could not start it: ${reasonOf(cause)}`, {
        cause,
      });
    }
  }

  async endLeftover(worker: string): Promise<void> {
    const found = await this.#docker.listContainers({
      all: true,
      filters: { label: [`${LABEL}=${worker}`] },
    });
    await Promise.all(found.map(({ Id }) => remove(this.#docker.getContainer(Id))));
  }

  #sourceOf(folder: string): string {
    const { dataDir, dockerDataDir } = this.#options;
    return dockerDataDir === undefined ? folder : join(dockerDataDir, relative(dataDir, folder));
  }

  /** Who may use the program's folder: what belongs to root is handed over, else the service's own user. */
  get #user(): string {
    return this.#isRoot
      ? `${NOBODY}:${NOBODY}`
      : `${process.getuid?.() ?? NOBODY}:${process.getgid?.() ?? NOBODY}`;
  }
}

async function endingOf(container: Docker.Container, output: Promise<void>, limits: Limits): Promise<Ending> {
  try {
    await container.wait();
    await Promise.race([output, delay(LAST_OUTPUT_MS, undefined, { ref: false })]);
    const { State } = await container.inspect();
    if (State.OOMKilled)
      return {
        reason: `It used more than ${limits.memoryMb} MB of memory and was ended by Docker`,
        success: false,
        isWhole: true,
      };
    const signal = signalOf(State.ExitCode);
    return {
      reason: signal === undefined ? `It ended with code ${State.ExitCode}` : `It was ended by ${signal}`,
      success: State.ExitCode === 0,
    };
  } catch (error) {
    return { reason: `Docker no longer knows of it: ${reasonOf(error)}`, success: false };
  } finally {
    await remove(container);
  }
}

/** The signal that a container's exit code means, as a shell's; undefined when it is a program's own code. */
function signalOf(code: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
}

/** Ends it if it runs. What cannot be removed now is at the worker's next start. */
async function remove(container: Docker.Container): Promise<void> {
  await container.remove({ force: true, v: true }).catch(() => undefined);
}

function notCreated(cause: unknown, image: string, language: Language): DomainError {
  const reason = reasonOf(cause);
  const setting = language === 'node' ? 'WORKER_IMAGE_NODE' : 'WORKER_IMAGE_PYTHON';
  if (/no such image/i.test(reason))
    return new DomainError(
      'unavailable',
      'noImage',
      `Docker has no image “${image}”: build it (docs/worker-images.md) or pull it, or name another one with ${setting}.`,
      { cause },
    );
  if (/bind source path does not exist/i.test(reason))
    return new DomainError(
      'unavailable',
      'noDataDir',
      `Docker’s machine does not have the worker’s folder (${reason}). Where the service runs in a container itself, set DOCKER_DATA_DIR to the path of DATA_DIR on that machine.`,
      { cause },
    );
  return new DomainError('unavailable', 'notCreated', `Docker refused the container: ${reason}`, { cause });
}

/** What the engine said, without the client's words around it. */
function reasonOf(error: unknown): string {
  const said = (error as { json?: { message?: unknown } }).json?.message;
  return typeof said === 'string' ? said : messageOf(error);
}
