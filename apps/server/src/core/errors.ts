import type { FieldError } from '@polyrelay/contract';

/**
 * The closed set of ways an operation can fail. Each edge maps every kind (HTTP status, MQTT refusal);
 * a new kind does not compile until all edges know it.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'gone'
  | 'tooLarge'
  | 'rateLimited'
  | 'unavailable'
  | 'internal';

interface DomainErrorOptions extends ErrorOptions {
  /** Wrong values of the request, each with its path. */
  errors?: FieldError[];
}

/**
 * An expected failure. `code` is stable and for programs (`slotTaken`); `message` is for people and says
 * what was wrong, where, and what to do.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly errors: FieldError[] | undefined;

  constructor(kind: ErrorKind, code: string, message: string, options: DomainErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.code = code;
    this.errors = options.errors;
  }
}

/** A 404 with the name of what was asked for. */
export const notFound = (what: string): DomainError =>
  new DomainError('notFound', 'notFound', `${what} does not exist, or is not yours.`);

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` of a system or database error (`EADDRINUSE`, `23505`), if it has one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
