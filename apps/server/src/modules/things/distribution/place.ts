import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Where a thing finds the service. */
export interface ServicePlace {
  /** Origin of the API. */
  url: string;
  mqtt: { host: string; port: number; outside: boolean };
  /** Why another machine may not reach it, in words for people. */
  warnings: string[];
}

const STANDARD_PORT = 8883;

/**
 * PUBLIC_URL and MQTT_HOST where they are set; else what the caller itself used to get here, because that is known to
 * work from somewhere.
 * @param origin of the request, `http://192.168.1.5:8080`
 */
export function placeOf(
  { config, endpoints, mqtt: { broker } }: FastifyInstance,
  origin: string,
): ServicePlace {
  const url = config.publicUrl === undefined ? origin : endpoints.publicUrl();
  const outside = broker?.kind === 'outside';
  const told = config.publicUrl ?? config.mqtt.host ?? config.mqtt.url;
  const asked = hostOf(origin);
  // The broker's certificate must be valid for it.
  const host = told === undefined && endpoints.brokerHosts.includes(asked) ? asked : endpoints.brokerHost;
  const warnings: string[] = [];
  if (isLoopback(hostOf(url)))
    warnings.push(
      `The thing would look for the service at ${url}, which means the thing itself. Another machine cannot reach it there: set PUBLIC_URL to an address that it can reach, restart the service and download again.`,
    );
  else if (isLoopback(host))
    warnings.push(
      `The thing would look for the broker at ${host}, which means the thing itself. Another machine cannot reach it there: set PUBLIC_URL or MQTT_HOST to a name that it can reach, restart the service and download again.`,
    );
  return { url, mqtt: { host, port: broker?.port ?? STANDARD_PORT, outside }, warnings };
}

/** Without the brackets of an IPv6 address. */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '::1' ||
  host === '0.0.0.0' ||
  (isIP(host) === 4 && host.startsWith('127.'));
