import type { Inbound, Limits, LogLine, RuntimeName } from '@polyrelay/contract';

/** Where a line came from, and the line. */
export type OnLine = (stream: LogLine['stream'], text: string) => void;

/** The interpreters a node server may need. */
export type Language = 'python3' | 'node';

/** A program to run for a worker, in its own folder. */
export interface Program {
  /** The worker's id: names what runs for it on the machine. */
  worker: string;
  /** Holds `nodeserver`, `certs`, `logs`; the worker sees it as `appFolder(folder)`. */
  folder: string;
  /** Decides what it is run in, where that makes a difference: the image of a container. */
  language: Language;
  /** As it is called inside; the interpreter's name comes from `Runtime.interpreter`. */
  command: string;
  args: string[];
  /** The whole environment: nothing of the service's own is added but PATH. */
  env: Record<string, string>;
  limits: Limits;
  /** It may be run by what was started ahead for programs like it. */
  prewarmed?: boolean;
  /** Port of this machine that leads to port 3000 inside; without it nothing comes in. */
  ingressPort?: number | undefined;
  onLine: OnLine;
}

/** How a program ended: in words for the user, and whether by itself with code 0. */
export interface Ending {
  reason: string;
  success: boolean;
  /** The reason is the whole one: what the program said adds nothing. */
  isWhole?: boolean;
}

export interface RunningProgram {
  /** Of this machine; undefined where it runs elsewhere. */
  pid: number | undefined;
  ended: Promise<Ending>;
  /** Ends it with all its children, at once. */
  kill(): void;
}

/** A way to run programs. */
export interface Runtime {
  readonly name: RuntimeName;
  /** What becomes of inbound traffic; the note says what to do where that could be more. */
  readonly inbound: Inbound;
  readonly inboundNote?: string;
  /** How the interpreter of a language is called inside. */
  interpreter(language: Language): string;
  /** What the program's folder is called inside: `/app`, where the runtime can do that. */
  appFolder(folder: string): string;
  /** Makes a folder that the service has filled the program's own. */
  adopt(folder: string): Promise<void>;
  /** @throws DomainError when it cannot be started at all */
  run(program: Program): Promise<RunningProgram>;
  /** Ends what a killed service left running for a worker, where that is not a process of this machine. */
  endLeftover?(worker: string): Promise<void>;
  /** Ends what it keeps ready. */
  close?(): Promise<void>;
}
