/**
 * What the user can mend: the message says what is wrong, where, and what to do.
 * `again`: the same may work in a while (the service is away), so that a worker that ran already waits for it.
 */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly again: boolean;

  constructor(message: string, options: { cause?: unknown; again?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.again = options.again ?? false;
  }
}

/** The text of whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of a system error, such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
