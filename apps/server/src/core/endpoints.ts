import { isIPv4 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { Config } from '../config.js';

/** How people, providers and workers reach the service. */
export interface Endpoints {
  /** Origin of links and redirect URIs, without a slash at the end. */
  publicUrl(): string;
  /** Host that workers connect to; its port is fixed at 8883 in published node servers. */
  brokerHost: string;
  /** Every name the broker's certificate must be valid for. */
  brokerHosts: string[];
  /** Address of this machine as others see it: PUBLIC_IP, or one of its own. */
  publicIp: string;
  /** Host name of this machine as others see it. */
  publicHost: string;
  /** The port HTTP really listens on, once it does (PORT may be 0). */
  httpPort: number;
}

/** How workers in containers call the machine they run on. */
export const CONTAINER_HOST = 'host.docker.internal';

export function endpointsOf(config: Config): Endpoints {
  const publicHost = config.publicUrl?.hostname;
  const outside = config.mqtt.url === undefined ? undefined : new URL(config.mqtt.url).hostname;
  const brokerHost = config.mqtt.host ?? outside ?? publicHost ?? 'localhost';
  const local = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
  const names = [brokerHost, 'localhost', hostname(), ...(publicHost === undefined ? [] : [publicHost])];
  const endpoints: Endpoints = {
    brokerHost,
    brokerHosts: [
      ...new Set([
        ...names,
        CONTAINER_HOST,
        '127.0.0.1',
        '::1',
        ...local.filter((address) => !address.includes('%')),
      ]),
    ],
    publicIp: config.ingress.ip ?? local.find(isOutward) ?? '127.0.0.1',
    publicHost: publicHost ?? config.mqtt.host ?? 'localhost',
    httpPort: config.port,
    publicUrl: () =>
      config.publicUrl === undefined
        ? `http://localhost:${endpoints.httpPort}`
        : config.publicUrl.href.replace(/\/+$/, ''),
  };
  return endpoints;
}

/** An IPv4 address that is not this machine's own loopback. */
const isOutward = (address: string): boolean => isIPv4(address) && !address.startsWith('127.');
