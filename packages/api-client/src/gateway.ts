import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './generated/openapi.js';

/** The calls of flespi's clients. */
export type GatewayPaths = Pick<
  paths,
  '/gw/channels' | '/gw/channels/{selector}' | '/gw/channels/{selector}/messages'
>;

export interface GatewayOptions {
  /** Of the service, such as `https://relay.example.org`. */
  url: string;
  /** What goes behind `FlespiToken`: an access token of the dashboard. */
  key: string;
}

/** A client of the service's `/gw` calls, which sign in in a way of their own. */
export const createGateway = ({ url, key }: GatewayOptions): Client<GatewayPaths> =>
  createClient<GatewayPaths>({
    baseUrl: url.replace(/\/+$/, ''),
    headers: { authorization: `FlespiToken ${key}` },
  });
