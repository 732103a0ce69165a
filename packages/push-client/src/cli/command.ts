import { reasonOf } from '@polyrelay/essentials';
import manifest from '../../package.json' with { type: 'json' };
import { PushError, type PushErrorCode } from '../errors.js';
import { HELP } from './help.js';
import { readCommandLine } from './options.js';
import { Run } from './run.js';

/** Those of sysexits.h where they fit. */
const CODES: Record<PushErrorCode, number> = {
  USAGE: 64,
  REFUSED: 69,
  UNTRUSTED: 69,
  UNAVAILABLE: 75,
  PROTOCOL: 76,
};

/** Runs a command line. @returns its exit code */
export async function runCommand(args: string[]): Promise<number> {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) return print(HELP);
  if (args[0] === '--version' || args[0] === '-v') return print(manifest.version);
  try {
    const run = new Run(await readCommandLine(args, process.env), say);
    stopOnSignals(run);
    await run.toTheEnd();
    return 0;
  } catch (error) {
    if (error instanceof PushError) {
      say(error.message);
      return CODES[error.code];
    }
    say(`It failed: ${error instanceof Error ? error.stack : reasonOf(error)}`);
    return 1;
  }
}

/** The first signal ends it with the monitor deleted, a second one at once. */
function stopOnSignals(run: Run): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (asked) {
        say(`${signal}: stops at once.${run.leftBehind}`);
        process.exit(130);
      }
      asked = true;
      say(`${signal}: stops; once more: at once`);
      run.stop();
    });
  // Whoever read the events has gone.
  process.stdout.on('error', () => run.stop());
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
