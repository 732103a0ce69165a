import { DEFAULT_LIMITS, type Limits } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';
import { LastWords, withLastWords } from '../last-words.js';
import type { Language, OnLine, Runtime } from '../runtimes/types.js';

/** A script of an installation may take this long. */
const SCRIPT_MS = 10 * 60_000;

/** Compilers and package managers need more than the program they install. */
const INSTALL_LIMITS: Limits = { memoryMb: 4096, processes: 1024, cpus: 2 };

/** What a script of an installation runs in. */
export interface ScriptContext {
  worker: string;
  folder: string;
  language: Language;
  runtime: Runtime;
  limits: Limits;
  /** Ends it: the worker was stopped or deleted. */
  signal: AbortSignal;
  onLine: OnLine;
}

/**
 * Runs a command in the worker's own surroundings, its output in the log.
 * @param step what it does, in words for the user
 * @throws DomainError `installFailed` when it fails or takes too long
 */
export async function runScript(
  { worker, folder, language, runtime, limits, signal, onLine }: ScriptContext,
  step: string,
  command: string,
  args: string[],
): Promise<void> {
  signal.throwIfAborted();
  // Tools write their progress to stderr, and `bash -x` every line: an error is what says so itself.
  const words = new LastWords();
  const running = await runtime.run({
    worker,
    folder,
    language,
    command,
    args,
    env: {},
    limits: largest(limits, INSTALL_LIMITS),
    onLine: (stream, text) => {
      words.add(stream, text);
      onLine('stdout', text);
    },
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    running.kill();
  }, SCRIPT_MS);
  const kill = (): void => running.kill();
  signal.addEventListener('abort', kill, { once: true });
  const { success, reason, isWhole } = await running.ended;
  signal.removeEventListener('abort', kill);
  clearTimeout(timer);
  signal.throwIfAborted();
  if (success) return;
  const why = late
    ? `it took longer than ${SCRIPT_MS / 60_000} minutes and was ended`
    : withLastWords(reason, isWhole ? undefined : words.text);
  throw new DomainError('invalid', 'installFailed', `${step} failed: ${why}. The log has its output.`);
}

const largest = (a: Limits = DEFAULT_LIMITS, b: Limits): Limits => ({
  memoryMb: Math.max(a.memoryMb, b.memoryMb),
  processes: Math.max(a.processes, b.processes),
  cpus: Math.max(a.cpus, b.cpus),
});
