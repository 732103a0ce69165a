import type { TokenAccess } from '@polyrelay/contract';
import { hashToken, newToken } from '#core/secrets/tokens.js';

/** Begins every token, so that a leaked one is recognised. */
const PREFIX = 'pr_';
const PREFIX_SHOWN = 9;

/** Whether a text may be an access token at all. */
export const looksLikeToken = (text: string): boolean => text.startsWith(PREFIX);

/** A new access token, and what is stored of it. */
export function makeToken(): {
  token: string;
  stored: { tokenHash: Uint8Array<ArrayBuffer>; prefix: string };
} {
  const token = PREFIX + newToken();
  return { token, stored: { tokenHash: hashToken(token), prefix: token.slice(0, PREFIX_SHOWN) } };
}

/** What is stored of what a token may do: nothing for everything. */
export const storedAccess = (access: TokenAccess): { access?: TokenAccess } =>
  access.kind === 'master' ? {} : { access };
