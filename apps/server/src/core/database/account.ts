import { execFile } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The account PostgreSQL runs under: a command line becomes one that switches to it. */
export interface Account {
  wrap(command: string, args: string[]): [string, ...string[]];
}

/**
 * PostgreSQL refuses to run as root: there it runs as user `postgres`, made where it is missing, and owns `folders`.
 * Anybody else runs it as themselves.
 * @param binary of PostgreSQL: it and the folders may lie in root's home, which others cannot enter
 */
export async function accountFor(folders: string[], binary: string): Promise<Account> {
  if (process.getuid?.() !== 0) return { wrap: (command, args) => [command, ...args] };
  const { uid, gid } = await postgresUser();
  await Promise.all(folders.map((folder) => chown(folder, uid, gid)));
  // Only to pass through folders closed to others; not given where it is not needed.
  const closed = (await Promise.all([...folders, binary].map(liesBehindClosed))).some(Boolean);
  const capability = closed ? ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'] : [];
  return {
    wrap: (command, args) => [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      ...capability,
      '--',
      command,
      ...args,
    ],
  };
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const idOf = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await idOf('-u'), gid: await idOf('-g') };
  } catch {
    await run('groupadd', ['--system', 'postgres']).catch(() => undefined);
    await run('useradd', [
      '--system',
      '--gid',
      'postgres',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
    return { uid: await idOf('-u'), gid: await idOf('-g') };
  }
}

const OTHERS_MAY_PASS = 0o001;

async function liesBehindClosed(path: string): Promise<boolean> {
  const parent = dirname(path);
  if (parent === path) return false;
  return ((await stat(parent)).mode & OTHERS_MAY_PASS) === 0 || liesBehindClosed(parent);
}
