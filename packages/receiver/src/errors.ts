/** Every way the receiver ends by itself. The message says what was wrong, where, and what to do about it. */
export type ReceiverErrorCode =
  /** Options that do not fit. */
  | 'USAGE'
  /** The service refuses: wrong key, no such channel. */
  | 'REFUSED'
  /** The state file cannot be used. */
  | 'STATE'
  /** The channel ends before the place to read from. */
  | 'CURSOR'
  /** A handler failed for good. */
  | 'HANDLER';

export class ReceiverError extends Error {
  override readonly name = 'ReceiverError';
  readonly code: ReceiverErrorCode;

  constructor(code: ReceiverErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
