import { codeOf, reasonOf } from '@polyrelay/essentials';

/** Every way the client gives up. The message says what was wrong, where, and what to do about it. */
export type PushErrorCode =
  /** Settings that do not fit. */
  | 'USAGE'
  /** The service refuses: wrong user or password, no such monitor, a topic it does not know. */
  | 'REFUSED'
  /** The service's certificate is not trusted. */
  | 'UNTRUSTED'
  /** The service cannot be reached now, or answers 5xx: it may work later. */
  | 'UNAVAILABLE'
  /** What answers does not speak this protocol, or a block is greater than allowed. */
  | 'PROTOCOL';

export class PushError extends Error {
  override readonly name = 'PushError';
  readonly code: PushErrorCode;

  constructor(code: PushErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

const ADVICE: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there. Does the service run, and is the port right?',
  ENOTFOUND: 'this name is not known. Check it, and this computer’s DNS',
  EAI_AGAIN: 'the name cannot be looked up now. Is this computer online?',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  EPROTO: 'it does not speak TLS. Is this a plain port or address (--insecure, http://)?',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'it does not speak TLS. Is this a plain port or address (--insecure, http://)?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG:
    'it does not speak TLS. Is this a plain port or address (--insecure, http://)?',
};

const UNTRUSTED: Record<string, string> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of a CA that is not known: name the CA (--ca or --ca-from)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself: name it as the CA (--ca)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is of a CA that is not known: name the CA (--ca or --ca-from)',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is of a CA that is not known: name the CA (--ca or --ca-from)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is of a CA that is not known: name the CA (--ca or --ca-from)',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the CA that was named (--ca or --ca-from)',
  CERT_HAS_EXPIRED: 'its certificate has expired, or this computer’s clock is wrong',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet, or this computer’s clock is wrong',
};

/** What a failed connection to `where` means. */
export function connectionError(where: string, cause: unknown): PushError {
  if (cause instanceof PushError) return cause;
  const code = codeOf(cause) ?? '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return new PushError('UNTRUSTED', `${where}: its certificate is for another name (${reasonOf(cause)})`, {
      cause,
    });
  const untrusted = UNTRUSTED[code];
  if (untrusted !== undefined) return new PushError('UNTRUSTED', `${where}: ${untrusted}`, { cause });
  const why = ADVICE[code] ?? (reasonOf(cause) || code || 'no connection');
  return new PushError('UNAVAILABLE', `${where}: ${why}`, { cause });
}
