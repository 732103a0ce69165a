import { reasonOf } from '@polyrelay/essentials';
import manifest from '../../package.json' with { type: 'json' };
import { ReceiverError, type ReceiverErrorCode } from '../errors.js';
import { HANDLERS } from '../handlers/index.js';
import { Receiver } from '../receiver.js';
import { configurationOf } from './configuration.js';
import { help } from './help.js';
import { portOf, serveMetrics } from './metrics.js';
import { readCommandLine } from './options.js';
import { Screen, showProgress } from './progress.js';

/** Those of sysexits.h where they fit. */
const CODES: Record<ReceiverErrorCode, number> = {
  USAGE: 64,
  REFUSED: 69,
  STATE: 78,
  CURSOR: 78,
  HANDLER: 1,
};

/** Runs a command line. @returns its exit code */
export async function runCommand(args: string[]): Promise<number> {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) return print(help());
  if (args[0] === '--version' || args[0] === '-v') return print(manifest.version);
  const terminal = process.stderr.isTTY === true;
  const screen = new Screen(process.stderr, terminal);
  try {
    await run(args, screen, terminal);
    return 0;
  } catch (error) {
    screen.close();
    if (error instanceof ReceiverError) {
      screen.log(error.message);
      return CODES[error.code];
    }
    screen.log(`It failed: ${error instanceof Error ? error.stack : reasonOf(error)}`);
    return 1;
  }
}

async function run(args: string[], screen: Screen, terminal: boolean): Promise<void> {
  const {
    receiver: options,
    metricsPort,
    quiet,
  } = await configurationOf(await readCommandLine(args), process.env);
  const receiver = new Receiver({ ...options, log: (text) => screen.log(text) });
  const metrics = metricsPort === undefined ? undefined : await serveMetrics(receiver, metricsPort);
  if (metrics !== undefined) screen.log(`metrics at http://127.0.0.1:${portOf(metrics)}/metrics`);
  stopOnSignals(receiver, screen);
  stopOnAccidents(receiver, screen);
  // Where messages go by on the same terminal, a line below them is in their way.
  const inTheWay =
    terminal &&
    process.stdout.isTTY === true &&
    options.handlers.some(({ type }) => type === HANDLERS.stdout);
  const ended = quiet || inTheWay ? () => {} : showProgress(receiver, screen, terminal);
  try {
    await receiver.run();
  } finally {
    ended();
    if (receiver.currKey !== undefined) screen.log(stoppedAt(receiver));
  }
}

/** The first signal ends it after the batch under way, a second one at once: the cursor is on disk. */
function stopOnSignals(receiver: Receiver, screen: Screen): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (asked) process.exit(130);
      asked = true;
      screen.log(`${signal}: stops after the batch under way; once more: at once`);
      receiver.stop();
    });
}

/** A handler that throws where nobody waits for it: what else it holds is not known any more. */
function stopOnAccidents(receiver: Receiver, screen: Screen): void {
  process.on('uncaughtException', (error) => {
    screen.log(`It failed: ${error instanceof Error ? error.stack : reasonOf(error)}`);
    screen.log(stoppedAt(receiver));
    process.exit(1);
  });
}

const stoppedAt = ({ currKey }: Receiver): string => `stopped: curr_key=${currKey ?? 'unknown'}`;

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
