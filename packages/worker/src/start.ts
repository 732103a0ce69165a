import type { WorkerStart } from '@polyrelay/contract';
import { codeOf, reasonOf, WorkerError } from './errors.js';

const ANSWER_MS = 15_000;

/**
 * Fetches the PGURL: the node server's record, where the broker is, and the worker's certificate (PGC section 2).
 * @throws WorkerError saying what is wrong with the PGURL or on the way to the service
 */
export async function fetchStart(pgUrl: string): Promise<WorkerStart> {
  if (!URL.canParse(pgUrl) || !/^https?:$/.test(new URL(pgUrl).protocol))
    throw new WorkerError(`“${pgUrl}” is not a PGURL. ${COPY_IT}`);
  const { origin } = new URL(pgUrl);
  const response = await fetch(pgUrl, { signal: AbortSignal.timeout(ANSWER_MS) }).catch((error: unknown) => {
    throw unreachable(origin, error);
  });
  const text = await response.text().catch((error: unknown) => {
    throw unreachable(origin, error);
  });
  const json = parse(text);
  if (!response.ok) throw refused(origin, response.status, json);
  if (json === undefined)
    throw new WorkerError(
      `${origin} did not answer with JSON: is Polyrelay there, or a sign-in page in front of it? ${COPY_IT}`,
    );
  const answer = json as Partial<WorkerStart>;
  const missing = KEYS.filter((key) => !answer[key]);
  if (missing.length > 0)
    throw new WorkerError(`The answer of the PGURL lacks ${missing.join(', ')}. ${COPY_IT}`);
  return answer as WorkerStart;
}

const KEYS = ['nodeServer', 'iotHost', 'stage', 'iotCert', 'iotPrivateKey', 'caCert'] as const;

const COPY_IT = 'Copy the PGURL whole from the node server’s page, and put it in single quotes.';

function parse(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function refused(origin: string, status: number, json: unknown): WorkerError {
  const { detail } = (json ?? {}) as { detail?: unknown };
  const said = typeof detail === 'string' ? detail : '';
  if (status === 403)
    return new WorkerError(
      said ||
        'The PGURL is not valid any more: the node server was deleted or added again. Copy its present one.',
    );
  if (status >= 500 || status === 429)
    return new WorkerError(`${origin} cannot answer now (${status}). ${said}`.trim(), { again: true });
  return new WorkerError(`${origin} answered ${status}. ${said || COPY_IT}`);
}

/** Codes of TLS that say: nobody this machine trusts signed that certificate. */
const UNKNOWN_CA = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

function unreachable(origin: string, error: unknown): WorkerError {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = codeOf(cause) ?? '';
  if (UNKNOWN_CA.has(code))
    return new WorkerError(
      `The certificate of ${origin} is of a CA that this machine does not know. If it is yours: NODE_EXTRA_CA_CERTS=/path/to/ca.pem npx polyrelay-worker …`,
      { cause: error },
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'CERT_HAS_EXPIRED')
    return new WorkerError(`The certificate of ${origin} is not valid: ${reasonOf(cause)}`, { cause: error });
  return new WorkerError(
    `No answer from ${origin} (${code || reasonOf(cause)}): is the service running, and does this machine reach it?`,
    { cause: error, again: true },
  );
}
