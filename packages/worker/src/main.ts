#!/usr/bin/env node
import { reasonOf, WorkerError } from './errors.js';
import { HELP, readOptions, VERSION } from './options.js';
import { runWorker } from './run.js';
import { say } from './say.js';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'help') return console.log(HELP);
  if (options === 'version') return console.log(VERSION);
  const stopped = new AbortController();
  const killed = new AbortController();
  // The first asks it to stop, a second one does not wait.
  const onSignal = (): void => (stopped.signal.aborted ? killed : stopped).abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  await runWorker(options, process.cwd(), stopped.signal, killed.signal);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(error instanceof WorkerError ? error.message : `It failed: ${reasonOf(error)}`);
    process.exit(1);
  },
);
