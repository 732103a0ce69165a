import { join } from 'node:path';
import type { AppMount } from './app-mount.js';
import { startChild } from './child.js';
import { basicEnvironment, LOCAL_INTERPRETERS } from './environment.js';
import type { Language, Program, RunningProgram, Runtime } from './types.js';

/**
 * Runs a worker as a child process with an environment of its own. Where bubblewrap works its folder is mounted as
 * `/app`, as published Python modules need, and the data folder is hidden; it is no protection against a hostile
 * program.
 */
export class ProcessRuntime implements Runtime {
  readonly name = 'process';
  readonly inbound = 'shared';
  readonly #mount: AppMount | undefined;

  constructor(mount: AppMount | undefined) {
    this.#mount = mount;
  }

  interpreter(language: Language): string {
    return LOCAL_INTERPRETERS[language];
  }

  appFolder(folder: string): string {
    return this.#mount === undefined ? folder : '/app';
  }

  async adopt(): Promise<void> {
    // It runs as the user of the service.
  }

  async run({ folder, command, args, env, onLine }: Program): Promise<RunningProgram> {
    return startChild({
      name: command,
      commandLine: this.#mount?.wrap(folder, command, args) ?? [command, ...args],
      cwd: `${folder}/nodeserver`,
      env: basicEnvironment(join(this.appFolder(folder), 'home'), env),
      onLine,
      wrapped: this.#mount !== undefined,
    });
  }
}
