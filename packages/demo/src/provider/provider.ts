import type { Configuration, Provider } from 'oidc-provider';
import type { DemoProviderOptions } from './index.js';
import { signingKey } from './keys.js';
import { errorPage } from './pages.js';
import type { ProviderStore } from './store.js';

/** The one scope: see and change the account's thermostats. */
export const DEMO_SCOPE = 'thermostats';

const WEEK = 7 * 86_400;

/**
 * Configured as the providers node servers talk to: authorization code without PKCE (the link in a
 * notice is a plain one), `state` handed through, refresh tokens that outlive the browser's session.
 */
export const demoProvider = async (
  url: string,
  options: DemoProviderOptions,
  store: ProviderStore,
): Promise<Provider> => {
  const configuration: Configuration = {
    adapter: store.adapter,
    clients: [
      {
        client_id: options.clientId,
        client_secret: options.clientSecret,
        client_name: 'Polyrelay',
        redirect_uris: options.redirectUris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: options.clientAuthentication ?? 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    scopes: ['openid', 'offline_access', DEMO_SCOPE],
    pkce: { required: () => false },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    // Any name is an account.
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
    ttl: {
      AccessToken: options.accessTokenSeconds ?? 60,
      AuthorizationCode: 60,
      Grant: 52 * WEEK,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 52 * WEEK,
      Session: WEEK,
    },
    cookies: {
      keys: [store.secret()],
      // Cookies do not know ports: other names than the service's own, which runs on the same host.
      names: {
        session: 'demo_climate_session',
        interaction: 'demo_climate_interaction',
        resume: 'demo_climate_resume',
      },
    },
    jwks: { keys: [signingKey()] },
    renderError: async (ctx, out) => {
      ctx.type = 'html';
      ctx.body = errorPage(out.error, out.error_description ?? '');
    },
  };
  // Loaded when it is needed: it is large, and warns of every Node.js but the newest.
  const { Provider } = await import('oidc-provider');
  return new Provider(url, configuration);
};
