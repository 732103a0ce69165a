import type { IncomingMessage } from 'node:http';
import { codeOf, messageOf } from '#core/errors.js';
import { refusedAddress } from '#core/outgoing-agents.js';
import { hostOf, privateAddress } from './check.js';

/** Codes of certificates that no authority known here has signed. */
const UNTRUSTED = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** By code of the error: what is wrong there, and what to do. */
const WORDS: Record<string, (host: string) => string> = {
  ECONNREFUSED: (host) =>
    `Nothing takes connections at ${host}: check that the server runs, and its port in transportUrl.`,
  ECONNRESET: (host) => `${host} ended the connection before it answered: look into the log of that server.`,
  EPIPE: (host) => `${host} ended the connection before it had read the block: look into its log.`,
  ENOTFOUND: (host) => `There is no host ${host}: check the name in transportUrl.`,
  EAI_AGAIN: (host) => `The name ${host} cannot be looked up: check this machine’s connection.`,
  EHOSTUNREACH: (host) => `There is no way to ${host}: check the network between.`,
  ENETUNREACH: (host) => `There is no way to ${host}: check the network between.`,
  CERT_HAS_EXPIRED: (host) => `The certificate of ${host} has expired: renew it there.`,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) =>
    `The certificate of ${host} is for another name: write the name it is for into transportUrl.`,
  EPROTO: (host) => `${host} does not speak TLS as it should: check the port, and http or https.`,
  HPE_INVALID_CONSTANT: (host) => `${host} does not speak HTTP: check the port, and http or https.`,
};

/** Why a request got no answer, in words. Only the host is named: the rest of an address may be secret. */
export function errorWords(url: URL, error: unknown): string {
  const { host } = url;
  if (error instanceof TooSlow) return error.message;
  const refused = refusedAddress(error);
  if (refused !== undefined) return `${privateAddress(hostOf(url), refused)}.`;
  const code = codeOf(error) ?? '';
  if (UNTRUSTED.has(code))
    return `The certificate of ${host} is signed by an authority that is not known here. To trust your own one, start Polyrelay with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.`;
  return WORDS[code]?.(host) ?? `The request to ${host} failed: ${messageOf(error)}.`;
}

/** What an answer other than success means, in words. */
export function answerWords({ host }: URL, { statusCode = 0, headers }: IncomingMessage): string {
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined)
    return `${host} answered ${statusCode} and redirects to another address. Redirects are not followed: write the address it leads to into transportUrl.`;
  return `${host} answered ${statusCode}${ADVICE[statusCode] ?? ': look into the log of that server.'}`;
}

const ADVICE: Record<number, string> = {
  400: ': it does not take the block as it is. Compare formatType and the template with what it expects.',
  401: ': check transportToken.',
  403: ': check transportToken, and what it may do there.',
  404: ': check the path in transportUrl.',
  405: ': it does not take this method. Change transportMethod.',
  410: ': it is gone. Delete the monitor, or change transportUrl.',
  413: ': the block is too large for it. Lower batchSize.',
  415: ': it does not take this kind of body. Change formatType or compression.',
  429: ': it asks for fewer requests. Raise batchSize and batchDuration.',
  503: ': it is not available now.',
};

/** A phase of a request took longer than the monitor allows. */
export class TooSlow extends Error {
  constructor({ host }: URL, phase: 'connectTimeout' | 'responseTimeout', ms: number) {
    super(
      phase === 'connectTimeout'
        ? `No connection to ${host} within ${ms} ms (connectTimeout): check that the server runs, and that no firewall lies between.`
        : `${host} did not answer within ${ms} ms (responseTimeout): let it answer before it works, or raise responseTimeout.`,
    );
  }
}
