import { NodeServerError, OAuthError } from './errors.js';

/** What a token endpoint gave; plain data, made to be kept in customData. */
export interface Tokens {
  accessToken: string;
  tokenType: string;
  refreshToken?: string;
  scope?: string;
  /** ms since 1970; missing when the provider did not say. */
  expiresAt?: number;
}

export interface TokenRequest {
  endpoint: string | URL;
  clientId: string;
  clientSecret: string;
  /** Secret in the body (default, what most providers take) or HTTP Basic (RFC 6749 section 2.3.1). */
  authentication?: 'post' | 'basic';
  /** `grant_type` and what belongs to it. */
  parameters: Record<string, string>;
}

const TIMEOUT_MS = 15_000;

/** Asks a token endpoint (RFC 6749 sections 4.1.3, 6). Nothing of it is logged. */
export const requestTokens = async (request: TokenRequest): Promise<Tokens> => {
  const { endpoint, clientId, clientSecret, authentication = 'post', parameters } = request;
  const body = new URLSearchParams(parameters);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (authentication === 'basic') headers.authorization = basic(clientId, clientSecret);
  else {
    body.set('client_id', clientId);
    if (clientSecret !== '') body.set('client_secret', clientSecret);
  }

  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new NodeServerError('OAUTH_UNREACHABLE', `No answer from ${new URL(endpoint).host}`, { cause });
  }
  const answer = (await response.json().catch(() => undefined)) as Record<string, unknown> | null | undefined;
  if (typeof answer?.error === 'string')
    throw new OAuthError(answer.error, text(answer.error_description) ?? '');
  if (!response.ok || !answer || typeof answer.access_token !== 'string') {
    const problem = `${new URL(endpoint).host} answered ${response.status} without an access token`;
    throw new NodeServerError('OAUTH_BAD_ANSWER', `${problem}: is ${endpoint} the token endpoint?`);
  }
  return present(answer.access_token, answer);
};

/** Whether an access token has ended, or does within the margin; one that names no end has not. */
export const isExpired = ({ expiresAt }: Pick<Tokens, 'expiresAt'>, marginSeconds = 30): boolean =>
  expiresAt !== undefined && expiresAt - marginSeconds * 1000 <= Date.now();

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** RFC 6749 section 2.3.1: both parts are form-encoded first. */
const basic = (id: string, secret: string): string => {
  const encode = (value: string) => new URLSearchParams({ _: value }).toString().slice(2);
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
};

const present = (accessToken: string, answer: Record<string, unknown>): Tokens => {
  const refreshToken = text(answer.refresh_token);
  const scope = text(answer.scope);
  // Some providers write the seconds as text.
  const seconds = Number(answer.expires_in ?? Number.NaN);
  return {
    accessToken,
    tokenType: text(answer.token_type) ?? 'Bearer',
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(scope === undefined ? {} : { scope }),
    ...(Number.isFinite(seconds) ? { expiresAt: Date.now() + seconds * 1000 } : {}),
  };
};
