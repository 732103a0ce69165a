/** Every way this module fails. The message says what was wrong, where, and what to do about it. */
export type NodeServerErrorCode =
  | 'NOT_CONFIGURED'
  | 'PGURL_UNREACHABLE'
  | 'PGURL_REFUSED'
  | 'PGURL_BAD_ANSWER'
  | 'CERTIFICATES_UNREADABLE'
  | 'SERVER_JSON_INVALID'
  | 'CONNECTION_REFUSED'
  | 'SUBSCRIBE_REFUSED'
  | 'ALREADY_STARTED'
  | 'ALREADY_HANDLED'
  | 'NOT_STARTED'
  | 'STOPPED'
  | 'MESSAGE_TOO_LARGE'
  | 'ADDRESS_INVALID'
  | 'NODEDEF_MISSING'
  | 'NODE_NOT_ADDED'
  | 'NODE_REFUSED'
  | 'NODE_TIMEOUT'
  | 'DRIVER_UNKNOWN'
  | 'DRIVER_VALUE'
  | 'PROFILE_MISSING'
  | 'OAUTH_NOT_CONFIGURED'
  | 'OAUTH_UNREACHABLE'
  | 'OAUTH_REFUSED'
  | 'OAUTH_BAD_ANSWER';

export class NodeServerError extends Error {
  override readonly name: string = 'NodeServerError';
  readonly code: NodeServerErrorCode;

  constructor(code: NodeServerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The provider said no (RFC 6749 section 5.2): `error` is its word, such as `invalid_grant`. */
export class OAuthError extends NodeServerError {
  override readonly name: string = 'OAuthError';
  readonly error: string;
  readonly description: string;

  constructor(error: string, description: string) {
    super('OAUTH_REFUSED', `The provider refused: ${error}${description ? ` (${description})` : ''}`);
    this.error = error;
    this.description = description;
  }
}

/** The text of whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Why what was under way at a stop did not happen. */
export const stopped = (): NodeServerError => new NodeServerError('STOPPED', 'The node server was stopped');
