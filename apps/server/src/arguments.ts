import { parseArgs } from 'node:util';
import { ConfigError } from './config.js';

/** What the command line asks for. */
export interface Arguments {
  /** A backup to restore before the service starts. */
  restoreFrom: string | undefined;
  /** With it: what is there already may be replaced. */
  replace: boolean;
}

const USAGE = 'Use “--restore <file>”, and “--replace” with it; settings are environment variables.';

/**
 * Reads the command line.
 * @throws ConfigError saying what may be given
 */
export function readArguments(args: string[]): Arguments {
  const options = { restore: { type: 'string' }, replace: { type: 'boolean' } } as const;
  try {
    const { restore: restoreFrom, replace = false } = parseArgs({ args, options }).values;
    if (replace && restoreFrom === undefined) throw new TypeError('--replace needs --restore');
    return { restoreFrom, replace };
  } catch (error) {
    throw new ConfigError(`The command line is not right: ${(error as Error).message}. ${USAGE}`);
  }
}
