import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the package `flashlexiot`, for PYTHONPATH and pip. */
export const PACKAGE_FOLDER = fileURLToPath(new URL('..', import.meta.url));

export interface Python {
  command: string;
  version: string;
}

/** The system's Python, and the oldest and newest from 3.9 on of this machine (PATH, pyenv). */
export function pythons(): Python[] {
  const all = everyPython();
  const minor = ({ version }: Python): number => Number(version.split('.')[1]);
  const byAge = [...all].sort((one, other) => minor(one) - minor(other));
  return [...new Set([all[0], byAge[0], byAge.at(-1)])].filter((python) => python !== undefined);
}

function everyPython(): Python[] {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const pyenv = existsSync(versions)
    ? readdirSync(versions).map((name) => join(versions, name, 'bin/python3'))
    : [];
  const found = new Map<string, Python>();
  for (const command of [process.env.PYTHON, '/usr/bin/python3', 'python3', ...pyenv]) {
    if (command === undefined) continue;
    const { status, stdout } = spawnSync(
      command,
      ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'],
      {
        encoding: 'utf8',
      },
    );
    const version = stdout?.trim() ?? '';
    if (status === 0 && Number(version.split('.')[1]) >= 9 && version.startsWith('3.') && !found.has(version))
      found.set(version, { command, version });
  }
  return [...found.values()];
}

/** A folder for PYTHONPATH that has paho-mqtt and nothing else, so that every Python can use the one that is there. */
export function pahoAlone(): string | undefined {
  const code = 'import os, paho; print(os.path.dirname(paho.__file__))';
  for (const { command } of everyPython()) {
    const { status, stdout } = spawnSync(command, ['-c', code], { encoding: 'utf8' });
    if (status !== 0) continue;
    const folder = join(mkdtempSync(join(tmpdir(), 'pr-paho-')), 'site');
    mkdirSync(folder);
    symlinkSync(stdout.trim(), join(folder, 'paho'));
    return folder;
  }
  return undefined;
}
