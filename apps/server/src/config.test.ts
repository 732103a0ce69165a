import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.js';
import { VERSION } from './core/version.js';

const key = () => randomBytes(32).toString('base64');

/** The lines that say what is wrong. */
function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}

test('an empty environment is enough', () => {
  expect(readConfig({})).toEqual({
    host: '0.0.0.0',
    port: 8080,
    publicUrl: undefined,
    dataDir: resolve('data'),
    databaseUrl: undefined,
    mqtt: { port: 8883, host: undefined, url: undefined },
    push: { port: 3200, tlsPort: 3201 },
    ingress: { ip: undefined, first: 27_100, last: 27_199 },
    stage: 'prod',
    secretKeys: [],
    admin: undefined,
    oidc: undefined,
    trustProxy: false,
    retentionDays: { events: 14, history: 90 },
    backups: { everyHours: 24, keep: 7, folder: resolve('data/backups'), passphrase: undefined },
    spareWorkers: 1,
    allowPrivateUrls: false,
    docker: {
      host: undefined,
      dataDir: undefined,
      images: { node: `polyrelay/worker-node:${VERSION}`, python3: `polyrelay/worker-python:${VERSION}` },
    },
    catalogues: [resolve('catalogue/catalogue.json')],
    logLevel: 'info',
  });
});

test('an empty text is as good as none: compose files pass variables that are not set', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '', ADMIN_EMAIL: '', OIDC_ISSUER: '' })).toEqual(
    readConfig({}),
  );
});

test('ports of push monitors can be closed', () => {
  expect(readConfig({ PUSH_PORT: 'none' }).push).toEqual({ port: undefined, tlsPort: 3201 });
  expect(readConfig({ PUSH_PORT: '', PUSH_TLS_PORT: 'none' }).push).toEqual({
    port: 3200,
    tlsPort: undefined,
  });
});

test('every setting reaches its place', () => {
  const [current, old] = [key(), key()];
  const config = readConfig({
    HOST: '::',
    PORT: '0',
    PUBLIC_URL: 'https://relay.example.org/base/',
    DATA_DIR: '/var/lib/polyrelay',
    DATABASE_URL: 'postgres://u:p@db/relay',
    PUSH_PORT: '3210',
    PUSH_TLS_PORT: '3211',
    MQTT_PORT: '1',
    MQTT_HOST: 'mqtt.example.org',
    MQTT_URL: 'mqtts://emqx:8883',
    PUBLIC_IP: '203.0.113.7',
    INGRESS_PORTS: '5000-5009',
    STAGE: 'test2',
    POLYRELAY_KEY: `${current}, ${old}`,
    ADMIN_EMAIL: 'a@example.org',
    ADMIN_PASSWORD: 'long enough',
    OIDC_ISSUER: 'https://id.example.org',
    OIDC_CLIENT_ID: 'relay',
    OIDC_CLIENT_SECRET: 's',
    OIDC_NAME: 'House',
    OIDC_ALLOW_NEW_USERS: 'true',
    TRUST_PROXY: '1',
    EVENT_RETENTION_DAYS: '3',
    HISTORY_RETENTION_DAYS: '4',
    BACKUP_EVERY_HOURS: '0.5',
    BACKUP_KEEP: '3',
    BACKUP_DIR: '/mnt/backups',
    BACKUP_PASSPHRASE: 'long enough',
    ALLOW_PRIVATE_URLS: 'true',
    DOCKER_HOST: 'tcp://docker:2375',
    DOCKER_DATA_DIR: '/srv/polyrelay',
    WORKER_IMAGE_NODE: 'node:1',
    WORKER_IMAGE_PYTHON: 'python:1',
    CATALOGUES: '/srv/catalogue.json',
    LOG_LEVEL: 'debug',
  });
  expect(config).toEqual({
    host: '::',
    port: 0,
    publicUrl: new URL('https://relay.example.org/base/'),
    dataDir: '/var/lib/polyrelay',
    databaseUrl: 'postgres://u:p@db/relay',
    mqtt: { port: 1, host: 'mqtt.example.org', url: 'mqtts://emqx:8883' },
    push: { port: 3210, tlsPort: 3211 },
    ingress: { ip: '203.0.113.7', first: 5000, last: 5009 },
    stage: 'test2',
    secretKeys: [current, old],
    admin: { email: 'a@example.org', password: 'long enough' },
    oidc: {
      issuer: 'https://id.example.org',
      clientId: 'relay',
      clientSecret: 's',
      name: 'House',
      allowNewUsers: true,
    },
    trustProxy: true,
    retentionDays: { events: 3, history: 4 },
    backups: { everyHours: 0.5, keep: 3, folder: '/mnt/backups', passphrase: 'long enough' },
    spareWorkers: 1,
    allowPrivateUrls: true,
    docker: {
      host: 'tcp://docker:2375',
      dataDir: '/srv/polyrelay',
      images: { node: 'node:1', python3: 'python:1' },
    },
    catalogues: ['/srv/catalogue.json'],
    logLevel: 'debug',
  });
});

describe('what cannot be used', () => {
  test.each([
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['MQTT_PORT', '1.5'],
    ['PUSH_PORT', 'off'],
    ['PUSH_TLS_PORT', '65536'],
    ['PUBLIC_URL', 'relay.example.org'],
    ['PUBLIC_URL', 'ftp://relay.example.org'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['MQTT_URL', 'http://localhost'],
    ['PUBLIC_IP', 'relay.example.org'],
    ['INGRESS_PORTS', '27100'],
    ['INGRESS_PORTS', '27199-27100'],
    ['INGRESS_PORTS', '60000-70000'],
    ['STAGE', 'Prod/1'],
    ['ADMIN_EMAIL', 'somebody'],
    ['ADMIN_PASSWORD', 'too short'],
    ['BACKUP_EVERY_HOURS', '-1'],
    ['BACKUP_KEEP', '0'],
    ['BACKUP_PASSPHRASE', 'too short'],
    ['OIDC_ISSUER', 'example'],
    ['OIDC_ALLOW_NEW_USERS', 'yes'],
    ['TRUST_PROXY', 'maybe'],
    ['EVENT_RETENTION_DAYS', '0'],
    ['HISTORY_RETENTION_DAYS', 'all'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s is named', (variable, value) => {
    const problems = problemsOf({ [variable]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable}: .+`));
  });

  test('all wrong variables are named at once', () => {
    const problems = problemsOf({ PORT: 'x', STAGE: '?', LOG_LEVEL: 'y' });
    expect(problems.map((line) => line.split(':')[0])).toEqual(['PORT', 'STAGE', 'LOG_LEVEL']);
  });

  test.each([
    [{ ADMIN_EMAIL: 'a@example.org' }, 'ADMIN_EMAIL and ADMIN_PASSWORD'],
    [{ ADMIN_PASSWORD: 'long enough' }, 'ADMIN_EMAIL and ADMIN_PASSWORD'],
    [{ OIDC_ISSUER: 'https://id.example.org' }, 'OIDC_ISSUER and OIDC_CLIENT_ID'],
    [{ OIDC_CLIENT_ID: 'relay' }, 'OIDC_ISSUER and OIDC_CLIENT_ID'],
    [{ POLYRELAY_KEY: 'c2hvcnQ=' }, 'POLYRELAY_KEY'],
    [{ POLYRELAY_KEY: `${key()},c2hvcnQ=` }, 'POLYRELAY_KEY'],
  ])('%j does not go together', (env, variables) => {
    const problems = problemsOf(env as unknown as Record<string, string>);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(variables);
  });

  test('a wrong key is answered with one that would do, never with the wrong one', () => {
    const wrong = Buffer.from('a secret of somebody').toString('base64');
    const [problem] = problemsOf({ POLYRELAY_KEY: wrong });
    expect(problem).not.toContain(wrong);
    const suggested = problem?.split(' ').at(-1) ?? '';
    expect(problemsOf({ POLYRELAY_KEY: suggested })).toEqual([]);
  });
});

describe('the catalogues of the store', () => {
  const of = (CATALOGUES: string, env = {}) => readConfig({ CATALOGUES, ...env }).catalogues;

  test('are files and https URLs', () => {
    expect(of('mine.json, https://example.org/store.json?key=1,/srv/other.json')).toEqual([
      resolve('mine.json'),
      'https://example.org/store.json?key=1',
      '/srv/other.json',
    ]);
    expect(of('http://192.168.1.2/store.json', { ALLOW_PRIVATE_URLS: 'true' })).toHaveLength(1);
    expect(of('none')).toEqual([]);
  });

  test.each(['http://example.org/store.json', 'ftp://example.org/store.json', 'javascript:alert(1)'])(
    'not %s',
    (place) => {
      expect(problemsOf({ CATALOGUES: place })).toEqual([
        expect.stringContaining(`CATALOGUES: “${place}” is neither a file nor an https:// URL`),
      ]);
    },
  );
});
