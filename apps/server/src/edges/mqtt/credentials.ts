import type { TLSSocket } from 'node:tls';
import { fingerprintOf } from '#core/pki/authority.js';
import type { MqttCredentials } from './types.js';

/** What is used of a CONNECT packet; aedes takes the client id and `clean` from it afterwards. */
export interface ConnectPacket {
  clientId?: string;
  clean?: boolean;
  protocolVersion?: number;
  username?: string;
  password?: Buffer | string;
}

/** Everything a connection showed of itself. */
export function credentialsOf(stream: object, { username, password }: ConnectPacket): MqttCredentials {
  const credentials = certificateOf(stream as Partial<TLSSocket>);
  if (username !== undefined) credentials.username = username;
  if (password !== undefined) credentials.password = password.toString();
  return credentials;
}

/** Whether the TLS layer verified a client certificate of this connection. */
export const isCertified = (stream: object): boolean => (stream as Partial<TLSSocket>).authorized === true;

/** The client certificate the TLS layer verified; nothing of it on other streams. */
function certificateOf(stream: Partial<TLSSocket>): MqttCredentials {
  if (stream.authorized !== true) return {};
  const certificate = stream.getPeerCertificate?.();
  const name = certificate?.subject?.CN;
  return {
    ...(typeof name === 'string' ? { certificateName: name } : {}),
    ...(certificate?.fingerprint256 === undefined
      ? {}
      : { certificateFingerprint: fingerprintOf(certificate) }),
  };
}
