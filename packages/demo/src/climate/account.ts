import { isExpired, type NodeServer, OAuthError, type Tokens } from '@polyrelay/node-server';

/** The provider ended the access: only a new sign-in helps. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut';
}

/** The linked account: tokens in customData, refreshed when they are about to end. */
export class Account {
  readonly #server: NodeServer;
  #refreshing: Promise<string> | undefined;

  constructor(server: NodeServer) {
    this.#server = server;
  }

  get linked(): boolean {
    return this.#tokens !== undefined;
  }

  /** The thermostats' address: custom parameter `apiUrl`, else at the provider's own. */
  get apiUrl(): string {
    return this.#setting('apiUrl', '/api/thermostats');
  }

  async link(code: string): Promise<void> {
    const redirectUri = this.#server.customParams.text('redirectUri');
    const tokens = await this.#server.oauth.exchange({
      tokenEndpoint: this.#tokenEndpoint,
      code,
      ...(redirectUri === undefined ? {} : { redirectUri }),
    });
    await this.#server.customData.merge({ tokens });
  }

  /** A token that is good for now. `renew`: the present one was refused. */
  async accessToken(renew = false): Promise<string> {
    const tokens = this.#tokens;
    if (tokens === undefined) throw new SignedOut('No account is linked');
    if (!renew && !isExpired(tokens, 10)) return tokens.accessToken;
    // A refresh token may be good for one use, so everybody waits for the same refresh.
    this.#refreshing ??= this.#refresh(tokens).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh({ refreshToken }: Tokens): Promise<string> {
    if (refreshToken === undefined) return this.#forget();
    try {
      const tokens = await this.#server.oauth.refresh({ tokenEndpoint: this.#tokenEndpoint, refreshToken });
      await this.#server.customData.merge({ tokens });
      return tokens.accessToken;
    } catch (error) {
      if (error instanceof OAuthError && error.error === 'invalid_grant') return this.#forget();
      throw error;
    }
  }

  async #forget(): Promise<never> {
    await this.#server.customData.remove('tokens');
    throw new SignedOut('Demo Climate ended the access; sign in again');
  }

  get #tokens(): Tokens | undefined {
    return this.#server.customData.get<Tokens>('tokens');
  }

  get #tokenEndpoint(): string {
    return this.#setting('tokenEndpoint', '/token');
  }

  #setting(name: string, path: string): string {
    return this.#server.customParams.text(name) ?? new URL(path, this.#server.oauth.authorizationUrl).href;
  }
}
