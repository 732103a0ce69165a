import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Running } from '@polyrelay/testkit';
import { README } from '../../../../scripts/settings-table.mjs';
import type { TestService } from './service.js';

/** Those of some programs that this machine does not have. */
export const lacking = (programs: string[]): string[] =>
  programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);

/** The programs of one language in a section of the README, in their order. */
export function examplesOf(heading: string, language: string): string[] {
  const section =
    new RegExp(`\n## ${heading}\n(.*?)\n## `, 's').exec(readFileSync(README, 'utf8'))?.[1] ?? '';
  return [...section.matchAll(new RegExp(`\n\`\`\`${language}\n(.*?)\n\`\`\``, 'gs'))].map(
    ([, text = '']) => text,
  );
}

/** Where a newcomer pastes examples: a folder of its own, `$URL` and `$TOKEN` as the README has them made. */
export class Terminal {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.env = env;
  }

  static async open(service: TestService): Promise<Terminal> {
    const { token } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
      body: { name: 'readme' },
      status: 201,
    });
    const folder = await mkdtemp(join(tmpdir(), 'pr-readme-'));
    return new Terminal(folder, { ...process.env, URL: service.url, TOKEN: token });
  }

  /** Runs it to its end. @returns what it printed */
  async paste(text = '', cwd = this.folder): Promise<string> {
    return (await promisify(execFile)('bash', ['-euc', text], { cwd, env: this.env })).stdout;
  }

  /** Runs it until the terminal is closed. */
  start(text = '', cwd = this.folder): Running {
    const child = spawn('bash', ['-euc', text], { cwd, env: this.env, detached: true });
    this.#children.push(child);
    return new Running(child);
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      // With what it started: a shell is no use without its client, and a client goes on without its shell.
      process.kill(-(child.pid as number), 'SIGKILL');
      await ended;
    }
    await rm(this.folder, { recursive: true });
  }
}
