/** Every way this module fails. The message says what was wrong, where, and what to do about it. */
export type ThingErrorCode =
  | 'CONFIG'
  | 'KEYS'
  | 'PAYLOAD'
  | 'MESSAGE_TOO_LARGE'
  | 'QUEUE_FULL'
  | 'DISK'
  | 'REFUSED'
  | 'CONNECTION'
  | 'ALREADY_RUNNING'
  | 'CLOSED'
  | 'USAGE';

export class ThingError extends Error {
  override readonly name = 'ThingError';
  readonly code: ThingErrorCode;

  constructor(code: ThingErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
