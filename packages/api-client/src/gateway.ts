import createClient, { type Client } from 'openapi-fetch';

/** The part of flespi's API that readers use. */
export interface GatewayPaths {
  '/gw/channels/{selector}/messages': {
    get: {
      parameters: {
        path: { selector: string };
        /** JSON of what is asked for. */
        query: { data: string };
      };
      responses: {
        200: { content: { 'application/json': MessagesAnswer } };
        default: { content: { 'application/json': { errors: { code: number; reason: string }[] } } };
      };
    };
  };
}

export interface MessagesAnswer {
  result: Record<string, unknown>[];
  next_key?: number;
  last_key?: number;
  warnings?: unknown[];
  errors?: { code: number; reason: string }[];
}

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
