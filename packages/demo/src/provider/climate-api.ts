import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { readText } from './body.js';
import type { Climate, ThermostatChange } from './climate.js';
import { DEMO_SCOPE } from './provider.js';

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
};

/**
 * The protected resource, for a bearer token with scope `thermostats` (RFC 6750):
 * `GET /api/thermostats`, `PATCH /api/thermostats/<id>` with `{setPoint?, mode?, fan?}`.
 */
export const climateApi =
  (provider: Provider, climate: Climate) =>
  async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const [bearer] = /(?<=^Bearer )[\w.~+/-]+=*$/i.exec(request.headers.authorization ?? '') ?? [];
    const token = bearer === undefined ? undefined : await provider.AccessToken.find(bearer);
    if (!token?.scopes.has(DEMO_SCOPE)) {
      const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
      return json(
        response,
        401,
        { error: 'invalid_token', error_description: 'Expired, revoked or unknown' },
        challenge,
      );
    }
    if (path === '/api/thermostats' && request.method === 'GET') {
      return json(response, 200, { account: token.accountId, thermostats: climate.read(token.accountId) });
    }
    const [id] = /(?<=^\/api\/thermostats\/)\w+$/.exec(path) ?? [];
    if (id === undefined || request.method !== 'PATCH') return json(response, 404, { error: 'not_found' });
    const change = parseChange(await readText(request));
    if (change === undefined) return json(response, 400, { error: 'invalid_request' });
    const changed = climate.change(token.accountId, id, change);
    return changed ? json(response, 200, changed) : json(response, 404, { error: 'not_found' });
  };

const parseChange = (text: string): ThermostatChange | undefined => {
  try {
    const { setPoint, mode, fan } = JSON.parse(text) as ThermostatChange;
    if (setPoint !== undefined && !(typeof setPoint === 'number' && setPoint >= 5 && setPoint <= 35))
      return undefined;
    if (mode !== undefined && !['off', 'heat', 'cool', 'auto'].includes(mode)) return undefined;
    if (fan !== undefined && !['auto', 'on'].includes(fan)) return undefined;
    return {
      ...(setPoint === undefined ? {} : { setPoint }),
      ...(mode === undefined ? {} : { mode }),
      ...(fan === undefined ? {} : { fan }),
    };
  } catch {
    return undefined;
  }
};
