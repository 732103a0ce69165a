import { readFile } from 'node:fs/promises';
import { reasonOf } from '@polyrelay/essentials';
import { load } from 'js-yaml';
import { z } from 'zod';
import { ReceiverError } from '../errors.js';
import type { HandlerUse, ReceiverOptions } from '../receiver.js';
import { checked, HandlerSettings, ReceiverSettings } from '../settings.js';
import {
  type CommandLine,
  CommandSettings,
  findHandler,
  flagOf,
  type NamedHandler,
  propertiesOf,
} from './options.js';

export interface Configuration {
  receiver: Omit<ReceiverOptions, 'log'>;
  metricsPort: number | undefined;
  quiet: boolean;
}

const ConfigFile = z.looseObject({
  handlers: z.array(z.looseObject({ handler: z.string('say which handler it is') })).default([]),
});

/**
 * What is to be done, of the command line, the config file and the environment, in this order of weight.
 * @throws ReceiverError `USAGE`
 */
export async function configurationOf(line: CommandLine, env: NodeJS.ProcessEnv): Promise<Configuration> {
  const file = await fromFile(line.given.config);
  const all = {
    ...(env.RECEIVER_URL ? { url: env.RECEIVER_URL } : {}),
    ...file.given,
    ...line.given,
  };
  const commandNames = Object.keys(propertiesOf(CommandSettings));
  const [ours, theirs] = [{}, {}] as [Record<string, unknown>, Record<string, unknown>];
  for (const [name, value] of Object.entries(all))
    (commandNames.includes(name) ? ours : theirs)[name] = value;
  const command = checked(CommandSettings, ours, flagOf);
  return {
    receiver: {
      ...(checked(ReceiverSettings, theirs, flagOf) as z.input<typeof ReceiverSettings>),
      handlers: await handlersOf([...file.handlers, ...line.handlers]),
      key: await keyOf(command.key, command.keyFile, env.RECEIVER_KEY),
    },
    metricsPort: command.metricsPort,
    quiet: command.quiet,
  };
}

async function fromFile(path: unknown): Promise<CommandLine> {
  if (typeof path !== 'string') return { given: {}, handlers: [] };
  let content: unknown;
  try {
    content = load(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ReceiverError('USAGE', `${path} cannot be read: ${reasonOf(error)}`);
  }
  const { handlers, ...given } = checked(ConfigFile, content, (place) => `${path}, ${place}`);
  for (const name of ['rewind', 'config'])
    if (name in given) throw new ReceiverError('USAGE', `${path}: “${name}” is for the command line alone`);
  const known = Object.keys({ ...propertiesOf(ReceiverSettings), ...propertiesOf(CommandSettings) });
  for (const name of Object.keys(given))
    if (!known.includes(name))
      throw new ReceiverError(
        'USAGE',
        `${path}: there is no option “${name}”. Those there are: ${known.join(', ')}`,
      );
  return { given, handlers: handlers.map(({ handler: kind, ...options }) => ({ kind, given: options })) };
}

/** Handlers without a name are called by their kind, and numbered where there are several of it. */
async function handlersOf(named: NamedHandler[]): Promise<HandlerUse[]> {
  const settings = Object.keys(propertiesOf(HandlerSettings));
  const count = new Map<string, number>();
  const uses: HandlerUse[] = [];
  for (const { kind, given } of named) {
    const nth = (count.get(kind) ?? 0) + 1;
    count.set(kind, nth);
    const type = await findHandler(kind);
    const entries = Object.entries(given);
    const isSetting = ([option]: [string, unknown]) => settings.includes(option);
    uses.push({
      name: nth === 1 ? kind : `${kind} ${nth}`,
      ...Object.fromEntries(entries.filter(isSetting)),
      type,
      options: Object.fromEntries(entries.filter((entry) => !isSetting(entry))),
    });
  }
  return uses;
}

async function keyOf(key: string | undefined, file: string | undefined, fromEnv: string | undefined) {
  const text = key ?? (file === undefined ? fromEnv : await readKey(file));
  if (text === undefined || text.trim() === '')
    throw new ReceiverError(
      'USAGE',
      'There is no key. Make an access token on the dashboard and give it in RECEIVER_KEY or with --key-file',
    );
  if (!/^[\x21-\x7e]+$/.test(text.trim()))
    throw new ReceiverError('USAGE', 'The key holds characters that an access token does not have');
  return text.trim();
}

const readKey = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw new ReceiverError('USAGE', `The key file ${file} cannot be read: ${reasonOf(error)}`);
  });
