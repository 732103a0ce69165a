import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { reasonOf } from '@polyrelay/essentials';
import type { MonitorSettings } from '../monitor.js';
import { type PushClientOptions, usage } from '../settings.js';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const OPTIONS = {
  topics: { ...text, short: 't', default: 'DeviceCore' },
  host: { ...text, short: 'a' },
  insecure: flag,
  compression: { ...text, short: 'c', default: 'gzip' },
  format: { ...text, short: 'f', default: 'json' },
  batchsize: { ...text, short: 'b', default: '1' },
  batchduration: { ...text, short: 'd', default: '60' },
  url: text,
  port: text,
  'password-file': text,
  ca: text,
  'ca-from': text,
  'ca-fingerprint': text,
  monitor: text,
  explicit: flag,
  replay: flag,
  keep: flag,
  raw: flag,
  'short-ack': flag,
  'max-block': text,
  quiet: flag,
} as const;

/** A command line, read and checked. */
export interface CommandLine {
  /** Without the CA that is still to be fetched. */
  client: PushClientOptions;
  caFrom: { address: string; fingerprint: string | undefined } | undefined;
  /** A monitor that is there, instead of one of its own. */
  monitor: number | undefined;
  settings: MonitorSettings;
  keep: boolean;
  raw: boolean;
  quiet: boolean;
}

/** @throws PushError `USAGE` naming what is wrong */
export async function readCommandLine(args: string[], env: NodeJS.ProcessEnv): Promise<CommandLine> {
  const { values, positionals } = parsed(args);
  const [username, givenPassword, ...more] = positionals;
  if (username === undefined) throw wrong('the user is missing');
  if (more.length > 0) throw wrong('there is more behind the password: options begin with --');
  const url = values.url ?? env.PUSH_URL;
  if (values['ca-fingerprint'] !== undefined && values['ca-from'] === undefined)
    throw wrong('--ca-fingerprint goes with --ca-from');
  const [caFrom, monitor] = [values['ca-from'], values.monitor];
  return {
    client: {
      username,
      password: await passwordOf(givenPassword, values['password-file'], env),
      ...(url === undefined ? {} : { url }),
      ...(values.host === undefined ? {} : { host: values.host }),
      ...(values.port === undefined ? {} : { port: whole('port', values.port, 1, 65_535) }),
      ...(values.ca === undefined ? {} : { ca: await read('--ca', values.ca) }),
      ...(values['max-block'] === undefined
        ? {}
        : { maxBlockBytes: whole('max-block', values['max-block'], 1, 2047) * 1024 * 1024 }),
      insecure: values.insecure === true,
      acknowledgement: values['short-ack'] === true ? 'short' : 'documented',
    },
    caFrom: caFrom === undefined ? undefined : { address: caFrom, fingerprint: values['ca-fingerprint'] },
    monitor: monitor === undefined ? undefined : whole('monitor', monitor, 1, 2 ** 32 - 1),
    settings: {
      topics: values.topics,
      batchSize: whole('batchsize', values.batchsize, 1, 1000),
      batchDuration: whole('batchduration', values.batchduration, 0, 2 ** 31 - 1),
      compression: oneOf('compression', values.compression, ['none', 'gzip']),
      formatType: oneOf('format', values.format, ['json', 'xml']),
      ...(values.explicit === true ? { ackOption: 'explicit' as const } : {}),
      ...(values.replay === true ? { autoReplayOnConnect: true } : {}),
    },
    keep: values.keep === true,
    raw: values.raw === true,
    quiet: values.quiet === true,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw wrong(reasonOf(error).split('. ')[0] ?? '');
  }
}

/** Other users of the computer can see a command line, so that comes last. */
async function passwordOf(
  given: string | undefined,
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if (file !== undefined) return (await read('--password-file', file)).replace(/\r?\n$/, '');
  const password = given ?? env.PUSH_PASSWORD ?? '';
  if (password === '')
    throw wrong('the password is missing: put it into PUSH_PASSWORD or a file (--password-file)');
  return password;
}

async function read(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usage(`the file of ${option} cannot be read: ${reasonOf(error)}`);
  }
}

function whole(name: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (given.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(`--${name} is “${given}”: give a whole number from ${least} to ${most}`);
}

function oneOf<Name extends string>(name: string, given: string, names: readonly Name[]): Name {
  const found = names.find((one) => one === given);
  if (found === undefined) throw wrong(`--${name} is “${given}”: use ${names.join(' or ')}`);
  return found;
}

const wrong = (what: string) => usage(`${what}. “node push-client.mjs --help” lists the options.`);
