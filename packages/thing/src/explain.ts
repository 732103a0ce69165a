import { codeOf, reasonOf } from '@polyrelay/essentials';

const UNKNOWN_CA = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

const clock = (): string => `This computer’s clock says ${new Date().toISOString()}`;

const ADVICE: Record<string, (where: string) => string> = {
  ECONNREFUSED: (where) =>
    `Nothing listens at ${where}. Is the service running, and is that port right in config.yml and open?`,
  ENOTFOUND: (where) =>
    `The name in ${where} is not known. Check it in config.yml, and this computer’s network and DNS.`,
  EAI_AGAIN: (where) => `The name in ${where} cannot be looked up now. Is this computer online?`,
  ETIMEDOUT: (where) => `No answer from ${where}. Does a firewall close the port?`,
  EHOSTUNREACH: (where) => `There is no way to ${where}. Is this computer online?`,
  ENETUNREACH: (where) => `There is no way to ${where}. Is this computer online?`,
  ERR_TLS_CERT_ALTNAME_INVALID: (where) =>
    `The certificate at ${where} is for another name. Write the service’s own name into config.yml, or set it there (MQTT_HOST, PUBLIC_URL).`,
  CERT_NOT_YET_VALID: (where) =>
    `The certificate at ${where} is not valid yet. ${clock()}: if that is wrong, set it (timedatectl set-ntp true).`,
  CERT_HAS_EXPIRED: (where) =>
    `The certificate at ${where} has expired. ${clock()}: if that is wrong, set it (timedatectl set-ntp true).`,
  ERR_SSL_WRONG_VERSION_NUMBER: (where) => `${where} does not speak TLS. Is it another port?`,
};

const NEW_DISTRIBUTION = 'Download the distribution again from the thing’s page, and take its files.';

/** What a failed connection means, and what to do. @param where such as `relay.example.org:8883` */
export function explain(error: unknown, where: string): string {
  const code = codeOf(error) ?? '';
  const advice = ADVICE[code];
  if (advice !== undefined) return advice(where);
  if (UNKNOWN_CA.has(code))
    return `The certificate at ${where} is of a CA that root-ca-cert.pem does not hold. ${NEW_DISTRIBUTION}`;
  if (/alert|ERR_SSL_(TLSV1|SSLV3)/i.test(`${code} ${reasonOf(error)}`))
    return `${where} refused this thing’s certificate: its keys were rotated, or the thing was disabled or deleted. Look at its page. ${NEW_DISTRIBUTION}`;
  return `The connection to ${where} failed: ${reasonOf(error) || code}`;
}
