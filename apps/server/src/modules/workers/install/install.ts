import { access, cp, lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ServerJson, Source } from '@polyrelay/contract';
import { DomainError, messageOf } from '#core/errors.js';
import { withoutCredentials } from '#core/urls.js';
import { languageOf } from '../languages.js';
import { makeLayout } from '../layout.js';
import { unpack } from './archive.js';
import { clone } from './git.js';
import { installPackages } from './packages.js';
import type { Progress } from './progress.js';
import type { ScriptContext } from './scripts.js';
import { readServerJson } from './server-json.js';

/** What is installed, and where to. */
export interface InstallOptions extends Omit<ScriptContext, 'language'> {
  source: Source;
  /** A commit to take instead of the newest of the source's branch: what was installed before. */
  commit: string | null;
  /** As registered. */
  serverJson: ServerJson;
  /** The server.json in the source takes its place: an update. */
  takesServerJson: boolean;
  uploadsFolder: string;
  /** The service's own: no program is taken from it. */
  dataDir: string;
  allowPrivate: boolean;
  progress: Progress;
}

/** What was installed. */
export interface Installed {
  commit: string | null;
  serverJson: ServerJson;
}

/**
 * Puts a node server's program into `folder/nodeserver`, with the packages it needs (PGC section 2). The folder is
 * emptied first: what was left of an interrupted installation counts for nothing.
 * @throws DomainError with the reason, in words for the user
 */
export async function install(options: InstallOptions): Promise<Installed> {
  const { folder, progress, runtime, signal } = options;
  await makeLayout(folder);
  const program = join(folder, 'nodeserver');
  const commit = await fetchSource(options, program);
  signal.throwIfAborted();
  const serverJson = options.takesServerJson ? await readServerJson(program) : options.serverJson;
  await checkExecutable(program, serverJson);
  await runtime.adopt(folder);
  await installPackages({ ...options, language: languageOf(serverJson) }, serverJson, progress);
  // Again: the install script may have made it.
  if (serverJson.install_cloud !== undefined) await checkExecutable(program, serverJson, true);
  return { commit, serverJson };
}

async function fetchSource(options: InstallOptions, program: string): Promise<string | null> {
  const { source, commit, uploadsFolder, allowPrivate, signal, onLine, progress } = options;
  if ('git' in source) {
    const ref = commit ?? source.ref;
    progress.step(`Cloning ${withoutCredentials(source.git)}${ref === undefined ? '' : ` at ${ref}`}`);
    const cloned = await clone({
      url: source.git,
      ref,
      folder: program,
      allowPrivate,
      signal,
      onLine: (text) => onLine('service', text),
    });
    onLine('service', `Cloned commit ${cloned}`);
    return cloned;
  }
  if ('folder' in source) {
    progress.step(`Copying ${source.folder}`);
    await copyFolder(source.folder, program, options.dataDir);
  } else {
    progress.step('Unpacking the zip');
    await unpack(join(uploadsFolder, source.archive), program);
  }
  return null;
}

/** Leaves out the repository, and links that lead out of the folder: inside they would lead to something else. */
async function copyFolder(from: string, to: string, dataDir: string): Promise<void> {
  try {
    // A link to the data folder is the data folder.
    const [root, data] = await Promise.all([realpath(resolve(from)), realpath(dataDir)]);
    if (isInside(data, root) || isInside(root, data)) throw new Error('it is the service’s own data folder');
    await readdir(root);
    await cp(root, to, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => isCopied(root, path),
    });
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing ? 'it is not on the machine that the service runs on.' : messageOf(cause);
    const message = `The folder ${from} cannot be copied: ${why}`;
    throw new DomainError('invalid', 'noFolder', message, { cause });
  }
}

async function isCopied(root: string, path: string): Promise<boolean> {
  if (path.endsWith(`${sep}.git`)) return false;
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) return isInside(root, resolve(dirname(path), await readlink(path)));
  // Pipes and devices have no end.
  return stats.isFile() || stats.isDirectory();
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith('..') && !isAbsolute(way);
}

async function checkExecutable(program: string, serverJson: ServerJson, final = false): Promise<void> {
  if (serverJson.install_cloud !== undefined && !final) return;
  await access(join(program, serverJson.executable)).catch((cause: unknown) => {
    const message = `The program “${serverJson.executable}” (executable in server.json) is not in its source.`;
    throw new DomainError('invalid', 'noExecutable', message, { cause });
  });
}
