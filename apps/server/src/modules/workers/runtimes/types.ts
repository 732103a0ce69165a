import type { LogLine } from '@polyrelay/contract';

/** Where a line came from, and the line. */
export type OnLine = (stream: LogLine['stream'], text: string) => void;

/** A program to run for a worker, in its own folder. */
export interface Program {
  /** Holds `nodeserver`, `certs`, `logs`; the worker sees it as `/app` where the runtime can do that. */
  folder: string;
  command: string;
  args: string[];
  /** The whole environment: nothing of the service's own is added but PATH. */
  env: Record<string, string>;
  onLine: OnLine;
}

/** How a program ended: in words for the user, and whether by itself with code 0. */
export interface Ending {
  reason: string;
  success: boolean;
}

export interface RunningProgram {
  pid: number;
  ended: Promise<Ending>;
  /** Ends it with all its children, at once. */
  kill(): void;
}

/** A way to run programs. */
export interface Runtime {
  readonly name: string;
  run(program: Program): RunningProgram;
  /** What `/app` is called inside. */
  appFolder(folder: string): string;
}
