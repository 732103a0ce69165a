import { type ParseArgsConfig, parseArgs } from 'node:util';
import { reasonOf } from '@polyrelay/essentials';
import manifest from '../../package.json' with { type: 'json' };
import type { OpenOptions } from '../config.js';
import { ThingError } from '../errors.js';

export const VERSION = manifest.version;

export const HELP = `Runs this thing: sends to the service, receives from it.

  node thing.mjs <command> [options]

  bootstrap          try everything once: connection, certificate, clock, a message in each direction
  run                stay connected: store messages to this thing, send what is queued
    --handler <file>   run it for each message, in order: a program, or a script for Node.js (.mjs, .js);
                       the payload is JSON on stdin, THING_MESSAGE_ID and others are in the environment
    --timeout <s>      it may take so long (60); it is tried again when it fails or takes longer
    --tries <n>        then the message goes to data/failed.ndjson (5)
  collect            send JSON from stdin, kept on disk while the service cannot be reached
    --json <text>      this JSON instead of stdin
    --lines            one JSON a line
    --id <uuid>        the message’s id: the service stores an id once
    --wait <s>         wait so long while nothing is taken (10)
    exit code: 0 collected, 75 queued and sent later, 65 refused
  messages           print the messages received, one JSON a line
    --follow           and those that come
    --remove           remove what was printed
    --count <n>, --reverse
  status             what waits, what is stored, whether it runs (--json)
  service install    run it always, by systemd; takes the options of “run”
    --user             for this user alone, without root
  service uninstall | print
  version

For every command:
  --config <file>    config.yml (default: beside thing.mjs, or here)
  --keys <folder>    the keys (default: beside config.yml)
  --data <folder>    queue and messages (default: data beside config.yml)
  --plain            another server of this protocol: subscribe to ingress/<name>`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const everywhere = {
  config: text,
  keys: text,
  data: text,
  plain: flag,
  help: { ...flag, short: 'h' },
} as const;
const run = { handler: text, timeout: text, tries: text } as const;

const OPTIONS = {
  bootstrap: {},
  run,
  collect: { json: text, lines: flag, id: text, wait: text },
  messages: { follow: flag, remove: flag, count: text, reverse: flag },
  status: { json: flag },
  service: { ...run, user: flag },
  version: {},
  help: {},
} as const;

type ParseArgsOptions = NonNullable<ParseArgsConfig['options']>;
type Values = Record<string, string | boolean | undefined>;

export type CommandName = keyof typeof OPTIONS;

/** A command line, read. */
export class CommandLine {
  readonly command: CommandName;
  readonly rest: string[];
  readonly #values: Values;

  constructor(command: CommandName, rest: string[], values: Values) {
    this.command = command;
    this.rest = rest;
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** @throws ThingError `USAGE` */
  number(name: string, absent: number, least = 0): number {
    const given = this.text(name);
    if (given === undefined) return absent;
    const value = Number(given);
    if (given.trim() === '' || !Number.isFinite(value) || value < least)
      throw usage(`--${name} is “${given}”: give a number of at least ${least}`);
    return value;
  }

  get open(): OpenOptions {
    const [config, keys, data] = [this.text('config'), this.text('keys'), this.text('data')];
    return {
      ...(config === undefined ? {} : { config }),
      ...(keys === undefined ? {} : { keys }),
      ...(data === undefined ? {} : { data }),
      ...(this.flag('plain') ? { plain: true } : {}),
    };
  }
}

/** @throws ThingError `USAGE` naming what is wrong */
export function readCommandLine(args: string[]): CommandLine {
  const [first = 'help', ...others] = args;
  if (first === '--help' || first === '-h') return new CommandLine('help', [], {});
  if (first === '--version' || first === '-v') return new CommandLine('version', [], {});
  if (!Object.hasOwn(OPTIONS, first)) throw usage(`“${first}” is not a command`);
  const command = first as CommandName;
  try {
    const { values, positionals } = parseArgs({
      args: others,
      allowPositionals: command === 'service',
      options: { ...everywhere, ...(OPTIONS[command] as ParseArgsOptions) },
    });
    return new CommandLine(values.help === true ? 'help' : command, positionals, values as Values);
  } catch (error) {
    throw usage(reasonOf(error).split('. ')[0] ?? '');
  }
}

export const usage = (what: string): ThingError =>
  new ThingError('USAGE', `${what}. “node thing.mjs --help” lists commands and options.`);
