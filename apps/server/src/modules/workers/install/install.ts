import { createHash } from 'node:crypto';
import { access, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerJson, Source } from '@polyrelay/contract';
import { DomainError, messageOf } from '#core/errors.js';
import type { OnLine, Runtime } from '../runtimes/types.js';
import { unpack } from './archive.js';
import { clone } from './git.js';

/** `install_cloud` and `npm install` may take this long. */
const SCRIPT_MS = 10 * 60_000;

interface Installation {
  folder: string;
  source: Source;
  serverJson: ServerJson;
  uploadsFolder: string;
  allowPrivate: boolean;
  runtime: Runtime;
  /** Ends it: the worker was stopped or deleted. */
  signal: AbortSignal;
  onLine: OnLine;
  /** Told what is being done now, for the user. */
  onStep(step: string): void;
}

/**
 * Puts a node server's program into `folder/nodeserver` and runs its install script (PGC section 2). What is
 * installed already is left alone. It is prepared beside and moved in place, so that an interrupted one counts for nothing.
 */
export async function install(installation: Installation): Promise<void> {
  const { folder, source, serverJson, signal, onStep } = installation;
  const mark = createHash('sha256')
    .update(JSON.stringify([source, serverJson.install_cloud ?? '']))
    .digest('hex');
  const markPath = join(folder, 'installed');
  const program = join(folder, 'nodeserver');
  if ((await readFile(markPath, 'utf8').catch(() => '')) !== mark) {
    await rm(markPath, { force: true });
    await rm(program, { recursive: true, force: true });
    const fresh = `${program}.new`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await fetchSource(installation, fresh);
    signal.throwIfAborted();
    await rename(fresh, program);
    await runScripts(installation);
    await writeFile(markPath, mark);
  }
  onStep('Checking the program');
  await access(join(program, serverJson.executable)).catch((cause: unknown) => {
    throw new DomainError(
      'invalid',
      'noExecutable',
      `The program “${serverJson.executable}” (executable in server.json) is not in its source.`,
      { cause },
    );
  });
}

async function fetchSource(
  { source, uploadsFolder, allowPrivate, signal, onLine, onStep }: Installation,
  fresh: string,
): Promise<void> {
  if ('git' in source) {
    onStep(`Cloning ${source.git}${source.ref === undefined ? '' : ` at ${source.ref}`}`);
    const commit = await clone({
      url: source.git,
      ref: source.ref,
      folder: fresh,
      allowPrivate,
      signal,
      onLine: (text) => onLine('service', text),
    });
    onLine('service', `Cloned commit ${commit}`);
  } else if ('folder' in source) {
    onStep(`Copying ${source.folder}`);
    await cp(source.folder, fresh, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('/.git'),
    }).catch((cause: unknown) => {
      throw new DomainError(
        'invalid',
        'noFolder',
        `The folder ${source.folder} cannot be copied: ${messageOf(cause)}`,
        { cause },
      );
    });
  } else {
    onStep('Unpacking the zip');
    await mkdir(fresh, { recursive: true });
    await unpack(join(uploadsFolder, source.archive), fresh);
  }
}

async function runScripts(installation: Installation): Promise<void> {
  const { serverJson, folder } = installation;
  const script = serverJson.install_cloud;
  if (script !== undefined) await runScript(installation, `Running ${script}`, 'bash', ['-xe', script]);
  if (serverJson.type === 'node' && (await needsPackages(join(folder, 'nodeserver')))) {
    await runScript(installation, 'Installing npm packages', 'npm', [
      'install',
      '--omit=dev',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--loglevel=warn',
    ]);
  }
}

/** Whether a Node.js program names packages that it did not bring along. */
async function needsPackages(program: string): Promise<boolean> {
  const text = await readFile(join(program, 'package.json'), 'utf8').catch(() => '{}');
  const { dependencies } = JSON.parse(text) as { dependencies?: Record<string, string> };
  if (Object.keys(dependencies ?? {}).length === 0) return false;
  return access(join(program, 'node_modules')).then(
    () => false,
    () => true,
  );
}

async function runScript(
  { folder, runtime, signal, onLine, onStep }: Installation,
  step: string,
  command: string,
  args: string[],
): Promise<void> {
  signal.throwIfAborted();
  onStep(step);
  // Tools write their progress to stderr, and `bash -x` every line: an error is what says so itself.
  const running = runtime.run({
    folder,
    command,
    args,
    env: {},
    onLine: (_stream, text) => onLine('stdout', text),
  });
  const timer = setTimeout(() => {
    onLine('service', `${step}: it takes longer than ${SCRIPT_MS / 60_000} minutes and is ended`);
    running.kill();
  }, SCRIPT_MS);
  signal.addEventListener('abort', running.kill, { once: true });
  const { success, reason } = await running.ended;
  signal.removeEventListener('abort', running.kill);
  clearTimeout(timer);
  if (!success)
    throw new DomainError('invalid', 'installFailed', `${step} failed: ${reason}. The log has its output.`);
}
