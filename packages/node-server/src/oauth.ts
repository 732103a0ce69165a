import type { NodeServerRecord } from '@polyrelay/contract';
import { NodeServerError } from './errors.js';
import { escapeHtml } from './notices.js';
import { requestTokens, type TokenRequest, type Tokens } from './tokens.js';

/** What the provider sent back (PGC section 6.4): a code, or why there is none. */
export interface OAuthCallback {
  state: string;
  code?: string;
  /** `access_denied` when the user said no. */
  error?: string;
  errorDescription?: string;
  /** Every query parameter of the callback, as it came. */
  parameters: Readonly<Record<string, string | string[]>>;
}

type Settings = Pick<TokenRequest, 'authentication'> & {
  tokenEndpoint: string | URL;
  /** More parameters, where a provider wants them. */
  parameters?: Record<string, string>;
};

export type ExchangeOptions = Settings & {
  code: string;
  /** Must be the one of the authorization request, which is the default. */
  redirectUri?: string;
};

export type RefreshOptions = Settings & { refreshToken: string };

/** The account link (PGC section 6), with the provider the user entered for this node server. */
export class OAuth {
  readonly #record: () => NodeServerRecord;

  constructor(record: () => NodeServerRecord) {
    this.#record = record;
  }

  /** Whether the user has entered a provider. */
  get configured(): boolean {
    return Boolean(this.#record().oauth?.url);
  }

  /** The provider's authorization URL without the state. */
  get authorizationUrl(): string {
    const url = this.#record().oauth?.url;
    if (url) return url;
    const advice = 'enter its URL, client id and secret on the node server’s page';
    throw new NodeServerError('OAUTH_NOT_CONFIGURED', `This node server has no OAuth provider: ${advice}`);
  }

  /** `redirect_uri` of the authorization URL. */
  get redirectUri(): string | undefined {
    return new URL(this.authorizationUrl).searchParams.get('redirect_uri') ?? undefined;
  }

  /**
   * Where the user signs in: `oauth.url + worker`. The dashboard recognises it in a notice and makes it a
   * safe one-time link, so hand it out as it is.
   */
  link(): string {
    return `${this.authorizationUrl}${this.#record().worker}`;
  }

  /** The link as HTML for a notice. */
  anchor(text: string): string {
    return `<a href="${escapeHtml(this.link())}">${escapeHtml(text)}</a>`;
  }

  /**
   * Trades the code for tokens (RFC 6749 section 4.1.3). No PKCE: the link in a notice is a plain one.
   * Throws `OAuthError` with the provider's word when it refuses.
   */
  exchange({ code, redirectUri = this.redirectUri, ...settings }: ExchangeOptions): Promise<Tokens> {
    return this.#request(settings, {
      grant_type: 'authorization_code',
      code,
      ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
    });
  }

  /** New tokens for old ones (RFC 6749 section 6). Keeps the refresh token when no newer one came. */
  async refresh({ refreshToken, ...settings }: RefreshOptions): Promise<Tokens> {
    const tokens = await this.#request(settings, {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
    return { refreshToken, ...tokens };
  }

  #request(
    { tokenEndpoint, authentication, parameters }: Settings,
    grant: Record<string, string>,
  ): Promise<Tokens> {
    const { clientId = '', clientSecret = '' } = this.#record().oauth ?? {};
    return requestTokens({
      endpoint: tokenEndpoint,
      clientId,
      clientSecret,
      ...(authentication === undefined ? {} : { authentication }),
      parameters: { ...parameters, ...grant },
    });
  }
}

/** The wire's query parameters with the well-known ones by name; of a repeated one the first counts. */
export const parseCallback = (parameters: Readonly<Record<string, string | string[]>>): OAuthCallback => {
  const first = (name: string) => [parameters[name] ?? []].flat()[0];
  const code = first('code');
  const error = first('error');
  const errorDescription = first('error_description');
  return {
    state: first('state') ?? '',
    ...(code === undefined ? {} : { code }),
    ...(error === undefined ? {} : { error }),
    ...(errorDescription === undefined ? {} : { errorDescription }),
    parameters,
  };
};
