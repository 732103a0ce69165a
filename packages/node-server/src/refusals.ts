/** Errors that trying again does not heal: the certificate, its name, or the broker's answer. */
const certificate =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|ERR_TLS_CERT_|ERR_SSL_TLSV1_ALERT)/;

/** CONNACK return codes of MQTT 3.1.1 section 3.2.2.3 that say no for good. */
const connackCodes = new Set([2, 4, 5]);

const codeOf = (error: Error): unknown => (error as { code?: unknown }).code;

export const isPermanent = (error: Error): boolean => {
  const code = codeOf(error);
  return typeof code === 'number'
    ? connackCodes.has(code)
    : typeof code === 'string' && certificate.test(code);
};

export const permanentReason = (error: Error, host: string, port: number): string => {
  const advice =
    typeof codeOf(error) === 'number'
      ? 'this worker was turned away; is the node server still registered?'
      : 'the certificates do not fit; start again with a fresh PGURL answer';
  return `${host}:${port} refused the connection (${error.message}): ${advice}`;
};
