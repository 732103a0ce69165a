import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { CATALOGUE_FILE } from './core/paths.js';
import { VERSION } from './core/version.js';

const PORT_ADVICE = 'Write a port from 0 to 65535';

const portNumber = z.coerce.number(PORT_ADVICE).int(PORT_ADVICE).min(0, PORT_ADVICE).max(65_535, PORT_ADVICE);

const port = (fallback: number) => portNumber.default(fallback);

/** `none` closes it. */
const portOrNone = (fallback: number) =>
  z
    .union([z.literal('none').transform(() => undefined), portNumber], `${PORT_ADVICE}, or none`)
    .prefault(fallback);

const flag = z
  .enum(['true', 'false', '1', '0'])
  .default('false')
  .transform((text) => text === 'true' || text === '1');

/**
 * Every setting of the service, all optional, read from the environment once at start. This is the only
 * place that reads `process.env`; the README's table is made from these descriptions.
 */
export const Settings = z.object({
  PORT: port(8080).describe('Port of the dashboard and the REST API'),
  HOST: z.string().default('0.0.0.0').describe('Address to listen on'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'Write the address people open, such as https://relay.example.org' })
    .optional()
    .describe('Address people and OAuth providers reach the service at; default http://localhost:PORT'),
  DATA_DIR: z.string().default('data').describe('Folder of the database, certificates, keys and workers'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'Write postgresql://user:password@host:5432/database' })
    .optional()
    .describe('Outside PostgreSQL; without it one is started in DATA_DIR'),
  MQTT_PORT: port(8883).describe('Port of the embedded broker (TLS); published node servers expect 8883'),
  MQTT_PLAIN_PORT: portNumber
    .optional()
    .describe(
      'Port of the embedded broker without encryption, for clients that cannot do TLS; default: none. Tokens can be read on the way: for networks of your own alone',
    ),
  MQTT_HOST: z.string().optional().describe('Host name workers connect to; default: the host of PUBLIC_URL'),
  MQTT_URL: z
    .url({ protocol: /^(mqtts?|wss?)$/, error: 'Write mqtts://host:8883' })
    .optional()
    .describe('Outside broker (Mosquitto, EMQX); without it one runs inside the service'),
  PUSH_PORT: portOrNone(3200).describe(
    'Port of push monitors without encryption; published clients expect 3200. Passwords can be read on the way: for networks of your own alone. none: closed',
  ),
  PUSH_TLS_PORT: portOrNone(3201).describe(
    'Port of push monitors (TLS); published clients expect 3201. none: closed',
  ),
  PUBLIC_IP: z
    .union([z.ipv4(), z.ipv6()], 'Write an IP address, such as 203.0.113.7')
    .optional()
    .describe(
      'Address node servers that take inbound traffic are reached at; default: an address of this machine',
    ),
  INGRESS_PORTS: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, 'Write the first and the last port, such as 27100-27199')
    // Below those that Linux gives to outgoing connections (32768 on).
    .default('27100-27199')
    .describe('Ports given to node servers that take inbound traffic, one each'),
  STAGE: z
    .string()
    .regex(/^[a-z0-9]{1,20}$/, 'Write lower-case letters and digits')
    .default('prod')
    .describe('First level of all MQTT topics'),
  POLYRELAY_KEY: z
    .string()
    .optional()
    .describe(
      'Key for secrets at rest, 32 bytes in base64; to rotate: "new,old". Without it: DATA_DIR/secret.key',
    ),
  ADMIN_EMAIL: z.email('Write an e-mail address').optional().describe('First user, for unattended set-up'),
  ADMIN_PASSWORD: z
    .string()
    .min(10, 'Use at least 10 characters')
    .optional()
    .describe('Password of the first user'),
  OIDC_ISSUER: z.url().optional().describe('Single sign-on: issuer URL of an OpenID Connect provider'),
  OIDC_CLIENT_ID: z.string().optional().describe('Single sign-on: client id'),
  OIDC_CLIENT_SECRET: z.string().optional().describe('Single sign-on: client secret'),
  OIDC_NAME: z.string().default('Single sign-on').describe('Single sign-on: the words on the button'),
  OIDC_ALLOW_NEW_USERS: flag.describe('Single sign-on: people without an account here get one'),
  TRUST_PROXY: flag.describe('Believe X-Forwarded-* headers of a reverse proxy in front'),
  EVENT_RETENTION_DAYS: z.coerce.number().min(1).default(14).describe('Days the event log is kept'),
  HISTORY_RETENTION_DAYS: z.coerce
    .number()
    .min(1)
    .default(90)
    .describe('Days the history of driver values is kept'),
  SPARE_WORKERS: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe('Sandboxes kept ready, so that a Node.js worker starts at once (about 40 MB each)'),
  BACKUP_EVERY_HOURS: z.coerce
    .number('Write a number of hours, 0 for none')
    .min(0, 'Write a number of hours, 0 for none')
    .default(24)
    .describe('Hours between scheduled backups; 0: none'),
  BACKUP_KEEP: z.coerce
    .number('Write a number of backups, 1 or more')
    .int('Write a number of backups, 1 or more')
    .min(1, 'Write a number of backups, 1 or more')
    .default(7)
    .describe('Newest backups that are kept; older ones are deleted after each new one'),
  BACKUP_DIR: z.string().optional().describe('Folder of backups; default: DATA_DIR/backups'),
  BACKUP_PASSPHRASE: z
    .string()
    .min(10, 'Use at least 10 characters')
    .optional()
    .describe('Backups are encrypted with it, and opened at a restore'),
  ALLOW_PRIVATE_URLS: flag.describe(
    'Let the service fetch server.json files and repositories from private addresses, and push events to them',
  ),
  DOCKER_HOST: z
    .string()
    .optional()
    .describe('Docker for the runtime “docker”: unix:///path or tcp://host:port; default its usual socket'),
  DOCKER_DATA_DIR: z
    .string()
    .optional()
    .describe('DATA_DIR as Docker’s machine calls it, where the service itself runs in a container'),
  WORKER_IMAGE_NODE: z
    .string()
    .optional()
    .describe('Image of Node.js workers in Docker; default polyrelay/worker-node of this version'),
  WORKER_IMAGE_PYTHON: z
    .string()
    .optional()
    .describe('Image of Python workers in Docker; default polyrelay/worker-python of this version'),
  CATALOGUES: z
    .string()
    .optional()
    .describe(
      'Catalogues of the store, files or https:// URLs separated by commas; default: the one that comes along; none: no store',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least level that is logged'),
});

/** Settings as the service uses them: parsed, defaults filled in, paths absolute. */
export interface Config {
  host: string;
  port: number;
  publicUrl: URL | undefined;
  dataDir: string;
  databaseUrl: string | undefined;
  mqtt: {
    port: number;
    /** Without encryption. */
    plainPort: number | undefined;
    host: string | undefined;
    url: string | undefined;
  };
  push: {
    /** Without encryption. Undefined: closed. */
    port: number | undefined;
    tlsPort: number | undefined;
  };
  /** Where node servers are reached from outside; ports from `first` to `last`. */
  ingress: { ip: string | undefined; first: number; last: number };
  stage: string;
  secretKeys: string[];
  admin: { email: string; password: string } | undefined;
  oidc:
    | { issuer: string; clientId: string; clientSecret: string; name: string; allowNewUsers: boolean }
    | undefined;
  trustProxy: boolean;
  retentionDays: { events: number; history: number };
  spareWorkers: number;
  backups: { everyHours: number; keep: number; folder: string; passphrase: string | undefined };
  allowPrivateUrls: boolean;
  docker: {
    host: string | undefined;
    dataDir: string | undefined;
    images: { node: string; python3: string };
  };
  /** Absolute paths and URLs. */
  catalogues: string[];
  logLevel: z.output<typeof Settings>['LOG_LEVEL'];
}

/** A setting that cannot be used; the message names every wrong variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the settings.
 * @throws ConfigError naming each variable that is wrong and what to write instead
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Settings.safeParse(present);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (parsed.success) problems.push(...inconsistencies(parsed.data));
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(`The environment has settings that cannot be used:\n  ${problems.join('\n  ')}`);
  }
  const s = parsed.data;
  return {
    host: s.HOST,
    port: s.PORT,
    publicUrl: s.PUBLIC_URL === undefined ? undefined : new URL(s.PUBLIC_URL),
    dataDir: resolve(s.DATA_DIR),
    databaseUrl: s.DATABASE_URL,
    mqtt: { port: s.MQTT_PORT, plainPort: s.MQTT_PLAIN_PORT, host: s.MQTT_HOST, url: s.MQTT_URL },
    push: { port: s.PUSH_PORT, tlsPort: s.PUSH_TLS_PORT },
    ingress: { ip: s.PUBLIC_IP, ...portRange(s.INGRESS_PORTS) },
    stage: s.STAGE,
    secretKeys: s.POLYRELAY_KEY?.split(',').map((key) => key.trim()) ?? [],
    admin:
      s.ADMIN_EMAIL && s.ADMIN_PASSWORD ? { email: s.ADMIN_EMAIL, password: s.ADMIN_PASSWORD } : undefined,
    oidc:
      s.OIDC_ISSUER && s.OIDC_CLIENT_ID
        ? {
            issuer: s.OIDC_ISSUER,
            clientId: s.OIDC_CLIENT_ID,
            clientSecret: s.OIDC_CLIENT_SECRET ?? '',
            name: s.OIDC_NAME,
            allowNewUsers: s.OIDC_ALLOW_NEW_USERS,
          }
        : undefined,
    trustProxy: s.TRUST_PROXY,
    retentionDays: { events: s.EVENT_RETENTION_DAYS, history: s.HISTORY_RETENTION_DAYS },
    spareWorkers: s.SPARE_WORKERS,
    backups: {
      everyHours: s.BACKUP_EVERY_HOURS,
      keep: s.BACKUP_KEEP,
      folder: resolve(s.BACKUP_DIR ?? join(s.DATA_DIR, 'backups')),
      passphrase: s.BACKUP_PASSPHRASE,
    },
    allowPrivateUrls: s.ALLOW_PRIVATE_URLS,
    docker: {
      host: s.DOCKER_HOST,
      dataDir: s.DOCKER_DATA_DIR,
      images: {
        node: s.WORKER_IMAGE_NODE ?? `polyrelay/worker-node:${VERSION}`,
        python3: s.WORKER_IMAGE_PYTHON ?? `polyrelay/worker-python:${VERSION}`,
      },
    },
    catalogues: cataloguesOf(s.CATALOGUES).map((place) => (isUrl(place) ? place : resolve(place))),
    logLevel: s.LOG_LEVEL,
  };
}

function portRange(text: string): { first: number; last: number } {
  const [first = 0, last = 0] = text.split('-').map(Number);
  return { first, last };
}

const isUrl = (place: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(place);

function cataloguesOf(setting: string | undefined): string[] {
  if (setting === undefined) return [CATALOGUE_FILE];
  if (setting.trim() === 'none') return [];
  return setting
    .split(',')
    .map((place) => place.trim())
    .filter((place) => place !== '');
}

/** Variables that only make sense together. */
function inconsistencies(s: z.output<typeof Settings>): string[] {
  const problems: string[] = [];
  if ((s.ADMIN_EMAIL === undefined) !== (s.ADMIN_PASSWORD === undefined)) {
    problems.push('ADMIN_EMAIL and ADMIN_PASSWORD: set both, or neither');
  }
  if ((s.OIDC_ISSUER === undefined) !== (s.OIDC_CLIENT_ID === undefined)) {
    problems.push('OIDC_ISSUER and OIDC_CLIENT_ID: set both, or neither');
  }
  const { first, last } = portRange(s.INGRESS_PORTS);
  if (first < 1 || last > 65_535 || first > last) {
    problems.push('INGRESS_PORTS: write the lower port first, both from 1 to 65535, such as 27100-27199');
  }
  for (const key of s.POLYRELAY_KEY?.split(',') ?? []) {
    if (Buffer.from(key.trim(), 'base64').length !== 32) {
      problems.push(
        `POLYRELAY_KEY: needs 32 bytes in base64, for example ${randomBytes(32).toString('base64')}`,
      );
      break;
    }
  }
  const protocols = s.ALLOW_PRIVATE_URLS ? /^https?:/i : /^https:/i;
  for (const place of cataloguesOf(s.CATALOGUES)) {
    if (isUrl(place) && !(protocols.test(place) && URL.canParse(place)))
      problems.push(
        `CATALOGUES: “${place}” is neither a file nor an https:// URL (http:// needs ALLOW_PRIVATE_URLS=true)`,
      );
  }
  return problems;
}
