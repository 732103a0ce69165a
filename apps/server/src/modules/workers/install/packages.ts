import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerJson } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';
import { exists } from '#core/files.js';
import { PYTHON_PACKAGES_FOLDER } from '#core/paths.js';
import type { Progress } from './progress.js';
import { readOwnFile } from './read.js';
import { runScript, type ScriptContext } from './scripts.js';

const NPM_INSTALL = [
  'install',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--loglevel=warn',
];

const PIP_INSTALL = [
  '-m',
  'pip',
  'install',
  '--disable-pip-version-check',
  '--no-input',
  '--no-warn-script-location',
];

/** A node server's virtual environment, in its folder. */
export const VENV = 'venv';

/** Installs what a program needs beside itself: its own script's work, and the packages of its language. */
export async function installPackages(
  context: ScriptContext,
  serverJson: ServerJson,
  progress: Progress,
): Promise<void> {
  if (context.language === 'python3') await installPython(context, serverJson, progress);
  else await installNode(context, serverJson, progress);
}

async function installNode(
  context: ScriptContext,
  serverJson: ServerJson,
  progress: Progress,
): Promise<void> {
  if (serverJson.install_cloud !== undefined)
    await runInstallScript(context, serverJson.install_cloud, progress);
  if (!(await needsPackages(join(context.folder, 'nodeserver')))) return;
  const step = 'Installing npm packages';
  progress.step(step);
  await runScript(context, step, 'npm', NPM_INSTALL);
}

/**
 * A virtual environment that sees the machine's packages too, with the service's own `pgc_interface` first in it:
 * requirements that name that module are content with it, unless they ask for another version.
 */
async function installPython(
  context: ScriptContext,
  serverJson: ServerJson,
  progress: Progress,
): Promise<void> {
  const { folder, runtime } = context;
  const venv = join(runtime.appFolder(folder), VENV);
  const python = join(venv, 'bin', 'python3');
  const making = 'Making a virtual environment';
  progress.step(making);
  await runScript(context, making, runtime.interpreter('python3'), [
    '-m',
    'venv',
    '--clear',
    '--system-site-packages',
    venv,
  ]);

  const module = 'Installing pgc_interface';
  progress.step(module);
  const wheel = await interfaceWheel();
  await copyFile(join(PYTHON_PACKAGES_FOLDER, wheel), join(folder, wheel));
  await runScript(context, module, python, [...PIP_INSTALL, join(runtime.appFolder(folder), wheel)]);

  if (serverJson.install_cloud !== undefined)
    return runInstallScript(context, serverJson.install_cloud, progress, join(venv, 'bin'));
  if (!(await exists(join(folder, 'nodeserver', 'requirements.txt')))) return;
  const packages = 'Installing Python packages';
  progress.step(packages);
  await runScript(context, packages, python, [...PIP_INSTALL, '-r', 'requirements.txt']);
}

/** The author's script, with the virtual environment's programs first. */
async function runInstallScript(
  context: ScriptContext,
  script: string,
  progress: Progress,
  programs?: string,
): Promise<void> {
  const step = `Running ${script}`;
  progress.step(step);
  const path = programs === undefined ? '$PATH' : `${programs}:$PATH`;
  await runScript(context, step, 'bash', ['-c', `PATH="${path}" exec bash -xe "./$0"`, script]);
}

/** The wheel of the service's own module. */
async function interfaceWheel(): Promise<string> {
  const names = await readdir(PYTHON_PACKAGES_FOLDER).catch(() => []);
  const wheel = names.find((name) => name.startsWith('pgc_interface-') && name.endsWith('.whl'));
  if (wheel !== undefined) return wheel;
  const message = `The service’s own pgc_interface is missing in ${PYTHON_PACKAGES_FOLDER}: build it with npm run build.`;
  throw new DomainError('unavailable', 'noInterface', message);
}

/** Whether a Node.js program names packages that it did not bring along. */
async function needsPackages(program: string): Promise<boolean> {
  // The install script may have replaced it.
  const text = await readOwnFile(join(program, 'package.json')).catch(() => '{}');
  const dependencies = dependenciesIn(text);
  return Object.keys(dependencies).length > 0 && !(await exists(join(program, 'node_modules')));
}

function dependenciesIn(text: string): object {
  try {
    return (JSON.parse(text) as { dependencies?: object } | null)?.dependencies ?? {};
  } catch {
    // npm says what is wrong with it.
    return { unreadable: '' };
  }
}
