import createClient, { type Client, type ClientOptions } from 'openapi-fetch';
import type { components, paths } from './generated/openapi.js';

export type { ClientOptions } from 'openapi-fetch';
/** Calls of the REST API by path and method, and the shapes they use by name. */
export type { components, paths } from './generated/openapi.js';
export type Schemas = components['schemas'];

export { createGateway, type GatewayOptions } from './gateway.js';
export type ApiClient = Client<paths>;

export interface ApiOptions extends Omit<ClientOptions, 'baseUrl' | 'headers'> {
  /** Of the service, such as `https://relay.example.org`. */
  url: string;
  /** An access token of the dashboard. */
  token?: string;
  headers?: Record<string, string>;
}

/**
 * A client of the service: `await api.GET('/api/channels', { params: { query: { limit: 10 } } })` answers
 * `{ data, error, response }`, typed by the path. It throws only when no answer comes.
 */
export function createApi({ url, token, headers, ...options }: ApiOptions): ApiClient {
  return createClient<paths>({
    ...options,
    baseUrl: url.replace(/\/+$/, ''),
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });
}
