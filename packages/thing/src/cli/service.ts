import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { reasonOf, removeIfThere } from '@polyrelay/essentials';
import { readConfig, type ThingConfig } from '../config.js';
import { readCredentials } from '../credentials.js';
import { ThingError } from '../errors.js';
import { findHandler } from './handler.js';
import { type CommandLine, usage } from './options.js';
import { EXIT, print, say } from './say.js';
import { unitName, unitText } from './unit.js';

const execute = promisify(execFile);

/** Installs, removes or prints the systemd unit that runs this thing. */
export async function service(line: CommandLine): Promise<number> {
  const [action = ''] = line.rest;
  if (!['install', 'uninstall', 'print'].includes(action) || line.rest.length > 1)
    throw usage('Say “service install”, “service uninstall” or “service print”');
  const config = await readConfig(line.open);
  const user = line.flag('user');
  const path = join(user ? userUnits() : '/etc/systemd/system', unitName(config.name));
  if (action === 'uninstall') return await uninstall(path, user);
  const text = await unit(line, config, user);
  if (action === 'print') {
    process.stdout.write(text);
    return EXIT.ok;
  }
  await readCredentials(config);
  return await install(path, text, user);
}

const userUnits = (): string =>
  join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'systemd/user');

async function unit(line: CommandLine, config: ThingConfig, user: boolean): Promise<string> {
  const args = [
    'run',
    '--config',
    config.file,
    '--data',
    config.data,
    '--keys',
    dirname(config.keys.privateKey),
  ];
  const handler = line.text('handler');
  if (handler !== undefined) {
    await findHandler(handler);
    args.push('--handler', resolve(handler));
  }
  if (line.text('timeout') !== undefined) args.push('--timeout', String(line.number('timeout', 60, 0.1)));
  if (line.text('tries') !== undefined) args.push('--tries', String(line.number('tries', 5, 1)));
  if (config.plain) args.push('--plain');
  return unitText({
    name: config.name,
    node: process.execPath,
    script: fileURLToPath(import.meta.url),
    args,
    folder: dirname(config.file),
    user: user ? undefined : await ownerOf(config.file),
  });
}

/** Whom the distribution belongs to: keys and data are that user’s. */
async function ownerOf(file: string): Promise<string> {
  const { uid } = await stat(file);
  const own = userInfo();
  if (uid === own.uid) return own.username;
  return execute('id', ['-un', String(uid)]).then(
    ({ stdout }) => stdout.trim(),
    () => String(uid),
  );
}

async function install(path: string, text: string, user: boolean): Promise<number> {
  if (!user && process.getuid?.() !== 0) return askForRoot('install');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  const name = path.split('/').at(-1) ?? '';
  await systemctl(user, 'daemon-reload');
  await systemctl(user, 'enable', name);
  await systemctl(user, 'restart', name);
  print(`${path} is installed and runs. Its log: journalctl ${user ? '--user ' : ''}-fu ${name}`);
  if (user) say('So that it also runs while you are not signed in: sudo loginctl enable-linger "$USER"');
  return EXIT.ok;
}

async function uninstall(path: string, user: boolean): Promise<number> {
  if (!user && process.getuid?.() !== 0) return askForRoot('uninstall');
  const name = path.split('/').at(-1) ?? '';
  await systemctl(user, 'disable', '--now', name).catch((error: unknown) => say(reasonOf(error)));
  const was = await removeIfThere(path);
  await systemctl(user, 'daemon-reload').catch(() => {});
  print(was ? `${path} is removed. The data stays.` : `${path} was not there.`);
  return EXIT.ok;
}

function askForRoot(action: string): number {
  const command = [process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)]
    .map(inShell)
    .join(' ');
  say(
    `To ${action} it for the whole system, root is needed. Run:\n\n  sudo ${command}\n\nor without root, for your user alone: add --user`,
  );
  return EXIT.failed;
}

const inShell = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

async function systemctl(user: boolean, ...args: string[]): Promise<void> {
  const all = [...(user ? ['--user'] : []), ...args];
  await execute('systemctl', all).catch((cause: unknown) => {
    const { stderr = '' } = cause as { stderr?: string };
    throw new ThingError('USAGE', `systemctl ${all.join(' ')} failed: ${stderr.trim() || reasonOf(cause)}`, {
      cause,
    });
  });
}
