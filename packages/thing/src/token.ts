import { type KeyObject, sign } from 'node:crypto';

/** Seconds that a token is valid before and after it is made (FlashLex section 4). */
const WINDOW_S = 360;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The token that proves who collects: RS256 with the thing’s private key (FlashLex section 4). @param now ms */
export function makeToken(thingId: string, privateKey: KeyObject, now: number): string {
  const seconds = Math.floor(now / 1000);
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid: thingId })}.${part({
    iss: `urn:thing:${thingId}`,
    aud: `urn:flashlex:${thingId}`,
    nbf: seconds - WINDOW_S,
    exp: seconds + WINDOW_S,
  })}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
}
