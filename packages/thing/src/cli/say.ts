/** What a command has to tell goes to stderr: stdout is for what it was asked for. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A result. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Exit codes: those of sysexits.h where they fit. */
export const EXIT = { ok: 0, failed: 1, usage: 64, refused: 65, config: 78, queued: 75 } as const;
