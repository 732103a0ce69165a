import { reasonOf } from '@polyrelay/essentials';
import { ThingError } from '../errors.js';
import { bootstrap } from './bootstrap.js';
import { collect } from './collect.js';
import { messages } from './messages.js';
import { type CommandLine, type CommandName, HELP, readCommandLine, VERSION } from './options.js';
import { run } from './run.js';
import { EXIT, print, say } from './say.js';
import { service } from './service.js';
import { status } from './status.js';

const COMMANDS: Record<CommandName, (line: CommandLine) => Promise<number>> = {
  bootstrap,
  run,
  collect,
  messages,
  status,
  service,
  version: async () => show(VERSION),
  help: async () => show(HELP),
};

function show(text: string): number {
  print(text);
  return EXIT.ok;
}

const CODES: Partial<Record<ThingError['code'], number>> = {
  USAGE: EXIT.usage,
  CONFIG: EXIT.config,
  KEYS: EXIT.config,
  PAYLOAD: EXIT.refused,
  MESSAGE_TOO_LARGE: EXIT.refused,
  REFUSED: EXIT.refused,
};

/** Runs a command line. @returns its exit code */
export async function runCommand(args: string[]): Promise<number> {
  // “thing.mjs messages | head” closes stdout early.
  process.stdout.on('error', () => process.exit(EXIT.ok));
  try {
    const line = readCommandLine(args);
    return await COMMANDS[line.command](line);
  } catch (error) {
    if (!(error instanceof ThingError)) {
      say(`It failed: ${error instanceof Error ? error.stack : reasonOf(error)}`);
      return EXIT.failed;
    }
    say(error.message);
    return CODES[error.code] ?? EXIT.failed;
  }
}
