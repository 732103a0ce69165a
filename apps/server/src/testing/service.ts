import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import { pino } from 'pino';
import { inject } from 'vitest';
import { buildApp } from '../app.js';
import { readConfig } from '../config.js';
import { EmbeddedBroker } from '../edges/mqtt/embedded.js';
import { COST } from '../modules/access/passwords.js';
import { TEMPLATE } from './global-setup.js';

// Test passwords are no secrets. What the service itself takes is tested in `passwords.test.ts`.
Object.assign(COST, { memoryCost: 64, timeCost: 1 });

export const ADMIN = { email: 'admin@example.org', password: 'correct horse battery' };

/** A whole service on free ports, with a database of its own. */
export interface TestService {
  app: FastifyInstance;
  url: string;
  mqttPort: number;
  dataDir: string;
  /** Calls the API as the admin (or with the given headers) and expects `status`. */
  call<T = Record<string, unknown>>(method: string, path: string, options?: CallOptions): Promise<T>;
  /** The same without any expectation, for forms and streams. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export interface CallOptions {
  body?: unknown;
  /** Expected; 200 when left out. */
  status?: number;
  headers?: Record<string, string>;
  /** As somebody who is not signed in. */
  anonymous?: boolean;
}

/** A copy of the migrated database. */
export async function newDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const base = inject('databaseUrl');
  const host = new URL(base).searchParams.get('host') ?? '';
  const name = `test_${randomBytes(8).toString('hex')}`;
  const run = async (sql: string): Promise<void> => {
    const admin = new pg.Client({ host, user: 'polyrelay', database: 'postgres' });
    await admin.connect();
    await admin.query(sql);
    await admin.end();
  };
  await run(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY FILE_COPY`);
  return {
    url: `postgresql://polyrelay@localhost/${name}?host=${encodeURIComponent(host)}`,
    drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/**
 * Starts a service with the real parts; `env` adds to its settings. A `DATABASE_URL` or `DATA_DIR` in it is the
 * caller's and outlives the service, so that another one can be opened on it. An empty one takes a setting away:
 * without DATABASE_URL the service has a PostgreSQL of its own, without ADMIN_EMAIL nobody is signed in.
 */
export async function startService(env: Record<string, string> = {}): Promise<TestService> {
  const { DATABASE_URL: givenUrl, DATA_DIR: givenDir } = env;
  const database =
    givenUrl === undefined ? await newDatabase() : { url: givenUrl, drop: async () => undefined };
  const dataDir = givenDir ?? (await mkdtemp(join(tmpdir(), 'pr-data-')));
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    MQTT_PORT: '0',
    PUSH_PORT: '0',
    PUSH_TLS_PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    LOG_LEVEL: 'silent',
    // A test that is about them asks for them.
    SPARE_WORKERS: '0',
    ...env,
  });
  const app = await buildApp(config, pino({ level: config.logLevel }));
  await app.listen({ host: config.host, port: config.port });
  app.endpoints.httpPort = (app.server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${app.endpoints.httpPort}`;
  const cookie = config.admin === undefined ? '' : await signIn(url, config.admin);
  return {
    app,
    url,
    mqttPort: app.mqtt.broker instanceof EmbeddedBroker ? app.mqtt.broker.port : 0,
    dataDir,
    call: (method, path, options) => call(url, cookie, method, path, options),
    fetch: (path, init = {}) =>
      fetch(url + path, { ...init, headers: { cookie, origin: url, ...(init.headers as object) } }),
    close: async () => {
      await app.close();
      await database.drop();
      if (givenDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A database and a data folder for services that are opened one after the other, or side by side. */
export async function lastingPlace(): Promise<{ env: Record<string, string>; remove(): Promise<void> }> {
  const database = await newDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'pr-data-'));
  return {
    env: { DATABASE_URL: database.url, DATA_DIR: dataDir },
    remove: async () => {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Signs in. @returns the cookie header */
export async function signIn(url: string, credentials: { email: string; password: string }): Promise<string> {
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`sign-in failed: ${await response.text()}`);
  return cookie;
}

async function call<T>(
  url: string,
  cookie: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<T> {
  const { body, status = 200, headers = {}, anonymous = false } = options;
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(anonymous || cookie === '' ? {} : { cookie, origin: url }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== status)
    throw new Error(`${method} ${path}: ${response.status} instead of ${status}: ${text}`);
  const json = response.headers.get('content-type')?.includes('json') === true;
  return (json ? JSON.parse(text) : { text, location: response.headers.get('location') }) as T;
}
