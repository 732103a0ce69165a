import { execFile } from 'node:child_process';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { CreatedAccessToken, Distribution, Thing } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import yauzl from 'yauzl';
import type { Principal } from '#core/principal.js';
import { startService, type TestService } from '../../../testing/service.js';

const exec = promisify(execFile);

let service: TestService;
let folder: string;
let token: string;
beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'pr-distribution-'));
  const body = { name: 'curl' };
  ({ token } = await service.call<CreatedAccessToken>('POST', '/api/access-tokens', { body, status: 201 }));
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

let number = 0;
const newThing = (extra: object = {}, at = service): Promise<Thing> => {
  number += 1;
  return at.call<Thing>('POST', '/api/things', { body: { name: `thing${number}`, ...extra }, status: 201 });
};

const dist = (id: string, query = ''): Promise<Response> => service.fetch(`/api/things/${id}/dist${query}`);

const problem = async (response: Response): Promise<{ status: number; code: string; detail: string }> =>
  (await response.json()) as { status: number; code: string; detail: string };

interface Unpacked {
  text: Record<string, string>;
  modes: Record<string, string>;
}

const open = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);

async function unpack(zip: ArrayBuffer): Promise<Unpacked> {
  const file = await open(Buffer.from(zip), { lazyEntries: true });
  const unpacked: Unpacked = { text: {}, modes: {} };
  file.on('entry', (entry: yauzl.Entry) => {
    file.openReadStream(entry, async (error, stream) => {
      if (error !== null) return void file.emit('error', error);
      unpacked.text[entry.fileName] = await textOf(stream);
      unpacked.modes[entry.fileName] = ((entry.externalFileAttributes >>> 16) & 0o777).toString(8);
      file.readEntry();
    });
  });
  const read = once(file, 'end');
  file.readEntry();
  await read;
  return unpacked;
}

const privateKeyOf = async (id: string): Promise<Thing['privateKey']> =>
  (await service.call<Thing>('GET', `/api/things/${id}`)).privateKey;

const OPTIONS = { origin: 'http://localhost', ip: '127.0.0.1' };

async function adminPrincipal(): Promise<Principal> {
  const { rows } = await service.app.database.pool.query<{ id: string; email: string }>(
    "SELECT id, email FROM users WHERE role = 'admin'",
  );
  const [{ id, email }] = rows as [{ id: string; email: string }];
  const rest = { role: 'admin', kind: 'session', credentialId: id, expiresAt: null } as const;
  return { userId: id, email, access: { kind: 'master' }, ...rest };
}

/** Resolves at the event that says that the key of a thing is gone. */
const untilGone = (id: string): Promise<void> =>
  new Promise((resolve) => {
    const end = service.app.events.on(`things/${id}`, ({ payload }) => {
      if (payload.privateKey !== 'gone') return;
      end();
      resolve();
    });
  });

describe('the zip', () => {
  test('has the files of FlashLex, flat, and the SDKs; its size is said before', async () => {
    const thing = await newThing();
    const { name, id } = thing;
    const about = await service.call<Distribution>('GET', `/api/things/${id}/distribution`);
    const response = await dist(id);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${name}.zip"`);
    expect(response.headers.get('content-type')).toBe('application/zip');
    const zip = await response.arrayBuffer();
    expect(Number(response.headers.get('content-length'))).toBe(zip.byteLength);
    const { text, modes } = await unpack(zip);
    expect(about).toMatchObject({ filename: `${name}.zip`, bytes: zip.byteLength, privateKey: 'available' });
    expect(about.files.map((file) => file.name)).toEqual(Object.keys(text));
    expect(about.files.map((file) => file.bytes)).toEqual(
      Object.values(text).map((content) => Buffer.byteLength(content)),
    );
    const flat = Object.keys(text).filter((file) => !file.includes('/'));
    expect(flat.sort()).toEqual(
      [
        'README.md',
        'config.yml',
        `${name}-certificate.pem`,
        `${name}-keypair-private.pem`,
        `${name}-keypair-public.pem`,
        'root-ca-cert.pem',
        'thing.mjs',
      ].sort(),
    );
    expect(Object.keys(text)).toContain('flashlexiot/sdk/__init__.py');
    expect(modes[`${name}-keypair-private.pem`]).toBe('600');
    expect(modes['config.yml']).toBe('644');
    expect(modes['thing.mjs']).toBe('755');
  });

  test('keys, certificate and CA fit each other; the private key is PKCS#1', async () => {
    const { id, name, certificate } = await newThing();
    const { text } = await unpack(await (await dist(id)).arrayBuffer());
    const pem = text[`${name}-keypair-private.pem`] ?? '';
    expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    const spki = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
    expect(text[`${name}-keypair-public.pem`]).toBe(spki);
    const own = new X509Certificate(text[`${name}-certificate.pem`] ?? '');
    expect(own.checkPrivateKey(createPrivateKey(pem))).toBe(true);
    expect(own.verify(new X509Certificate(text['root-ca-cert.pem'] ?? '').publicKey)).toBe(true);
    expect(own.toString()).toBe(new X509Certificate(certificate).toString());
  });

  test('config.yml has every key that the published SDK reads, for this service', async () => {
    const { id, name } = await newThing();
    const { text } = await unpack(await (await dist(id)).arrayBuffer());
    // Without PUBLIC_URL: the address that was used, where the broker's certificate is valid, too.
    expect(parse(text['config.yml'] ?? '', { version: '1.1' })).toEqual({
      flashlex: {
        app: {
          api: { endpoint: service.url, env: 'prd' },
          callback: 'persistent',
          thread: 'subscribe',
          message: expect.any(String),
          db: { subscriptionData: 'subscription.json', expireSeconds: 60 },
          dist: { commitSha: expect.any(String) },
        },
        thing: {
          id,
          name,
          endpoint: '127.0.0.1',
          keys: {
            rootCA: 'root-ca-cert.pem',
            cert: `${name}-certificate.pem`,
            privateKey: `${name}-keypair-private.pem`,
            publicKey: `${name}-keypair-public.pem`,
          },
          mqtt: {
            pubsub: { topic: `pubsub/${name}` },
            ingress: { topic: `ingress/${name}` },
            egress: { topic: 'flashlex/collect' },
            useWebsocket: false,
            port: service.mqttPort,
            autoReconnectBackoffTime: {
              baseReconnectQuietTimeSecond: 1,
              maxReconnectQuietTimeSecond: 30,
              stableConnectionTimeSecond: 10,
            },
            offlinePublishQueueing: -1,
            drainingFrequency: 2,
            connectDisconnectTimeout: 60,
            mqttOperationTimeout: 120,
          },
        },
      },
    });
  });

  test('the README is for this thing, and warns of addresses that only this machine reaches', async () => {
    const { id, name } = await newThing();
    const { text } = await unpack(await (await dist(id)).arrayBuffer());
    expect(text['README.md']).toContain(`# ${name}\n`);
    expect(text['README.md']).toContain(`${service.url}/api/health`);
    expect(text['README.md']).toMatch(/Careful.*set PUBLIC_URL/);
  });

  test('PUBLIC_URL and MQTT_HOST are what the thing is told', async () => {
    const other = await startService({
      PUBLIC_URL: 'https://relay.example.org/',
      MQTT_HOST: 'mqtt.example.org',
    });
    try {
      const { id } = await newThing({}, other);
      const about = await other.call<Distribution>('GET', `/api/things/${id}/distribution`);
      expect(about.warnings).toEqual([]);
      expect(about.curl).toContain(`"https://relay.example.org/prd/v1/things/${id}/dist"`);
      const { text } = await unpack(await (await other.fetch(`/api/things/${id}/dist`)).arrayBuffer());
      const { flashlex } = parse(text['config.yml'] ?? '') as {
        flashlex: { app: { api: object }; thing: { endpoint: string } };
      };
      expect(flashlex.app.api).toEqual({ endpoint: 'https://relay.example.org', env: 'prd' });
      expect(flashlex.thing.endpoint).toBe('mqtt.example.org');
      expect(text['README.md']).not.toContain('Careful');
    } finally {
      await other.close();
    }
  });

  test('curl gets it with an access token, unzip unpacks it', async () => {
    const { id, name } = await newThing();
    const zip = join(folder, `${name}.zip`);
    const url = `${service.url}/api/things/${id}/dist`;
    await exec('curl', ['-fsSL', '-H', `Authorization: Bearer ${token}`, url, '-o', zip]);
    await exec('unzip', ['-q', zip, '-d', join(folder, name)]);
    const mode = async (file: string) => ((await stat(join(folder, name, file))).mode & 0o777).toString(8);
    expect(await mode(`${name}-keypair-private.pem`)).toBe('600');
    expect(await mode('thing.mjs')).toBe('755');
    expect(await readFile(join(folder, name, 'config.yml'), 'utf8')).toContain(id);
  });

  test('another’s thing is none', async () => {
    const { id } = await newThing();
    await service.call('GET', `/api/things/${id}/dist`, { anonymous: true, status: 401 });
    await service.call('GET', '/api/things/00000000-0000-4000-8000-000000000000/dist', { status: 404 });
    await service.call('GET', `/api/things/${id}/dist?privateKey=maybe`, { status: 400 });
    expect(await privateKeyOf(id)).toBe('available');
  });
});

describe('the private key', () => {
  test('is given out once; after that the zip is had without it', async () => {
    const { id, name } = await newThing();
    const gone = untilGone(id);
    await (await dist(id)).arrayBuffer();
    await gone;
    expect(await privateKeyOf(id)).toBe('gone');
    const { rows } = await service.app.database.pool.query('SELECT private_key FROM things WHERE id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ private_key: null }]);
    const second = await problem(await dist(id));
    expect(second).toMatchObject({ status: 410, code: 'privateKeyGone' });
    expect(second.detail).toMatch(/rotate the keys.*\?privateKey=false/);

    const about = await service.call<Distribution>('GET', `/api/things/${id}/distribution`);
    expect(about.privateKey).toBe('gone');
    const response = await dist(id, '?privateKey=false');
    const zip = await response.arrayBuffer();
    expect(zip.byteLength).toBe(about.bytes);
    const { text } = await unpack(zip);
    expect(Object.keys(text)).toEqual(about.files.map((file) => file.name));
    expect(Object.keys(text)).not.toContain(`${name}-keypair-private.pem`);
    expect(Object.values(text).join()).not.toContain('RSA PRIVATE KEY-----\n');

    const { items } = await service.call<{ items: { action: string; target: string }[] }>(
      'GET',
      '/api/audit?limit=500',
    );
    const actions = items.filter(({ target }) => target === name).map(({ action }) => action);
    expect(actions).toContain('thing.privateKey.delete');
    expect(actions).toContain('thing.download');
  });

  test('stays where the owner keeps it', async () => {
    const { id, name } = await newThing({ keepPrivateKey: true });
    for (let time = 0; time < 2; time++) {
      const { text } = await unpack(await (await dist(id)).arrayBuffer());
      expect(text[`${name}-keypair-private.pem`]).toContain('BEGIN RSA PRIVATE KEY');
    }
    expect(await privateKeyOf(id)).toBe('available');
  });

  test('a download without it, HEAD and Range do not use it up', async () => {
    const { id } = await newThing();
    const about = await service.call<Distribution>('GET', `/api/things/${id}/distribution`);
    await (await dist(id, '?privateKey=false')).arrayBuffer();
    const head = await service.fetch(`/api/things/${id}/dist`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(Number(head.headers.get('content-length'))).toBe(about.bytes);
    const range = await service.fetch(`/api/things/${id}/dist`, { headers: { range: 'bytes=0-99' } });
    expect(await problem(range)).toMatchObject({ status: 400, code: 'wholeOnly' });
    expect(await privateKeyOf(id)).toBe('available');
    expect((await dist(id)).status).toBe(200);
  });

  test('of many downloads at once exactly one has it', async () => {
    const { id } = await newThing();
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const response = await dist(id);
        const body = await response.arrayBuffer();
        return response.status === 200
          ? 200
          : (JSON.parse(Buffer.from(body).toString()) as { code: string }).code;
      }),
    );
    expect(answers.filter((answer) => answer === 200)).toHaveLength(1);
    for (const answer of answers) expect([200, 'downloadUnderWay', 'privateKeyGone']).toContain(answer);
  });

  test('while one is under way a second is refused; it may come when the first broke off', async () => {
    const { id } = await newThing();
    const principal = await adminPrincipal();
    const first = await service.app.things.distribution(principal, id, OPTIONS);
    expect(await problem(await dist(id))).toMatchObject({ status: 409, code: 'downloadUnderWay' });
    // Without the key it goes on.
    expect((await dist(id, '?privateKey=false')).status).toBe(200);
    await first.ended(false);
    expect(await privateKeyOf(id)).toBe('available');
    const second = await service.app.things.distribution(principal, id, OPTIONS);
    // The first one, told twice, does not take the second one's place away.
    await first.ended(false);
    expect(await problem(await dist(id))).toMatchObject({ code: 'downloadUnderWay' });
    await second.ended(true);
    expect(await problem(await dist(id))).toMatchObject({ code: 'privateKeyGone' });
  });

  test('a new key is not deleted by the end of a download of the old one', async () => {
    const { id } = await newThing();
    const download = await service.app.things.distribution(await adminPrincipal(), id, OPTIONS);
    await service.call('POST', `/api/things/${id}/keys`);
    await download.ended(true);
    expect(await privateKeyOf(id)).toBe('available');
    expect((await dist(id)).status).toBe(200);
  });

  test('a download that breaks off leaves it', async () => {
    const { id } = await newThing();
    await new Promise<void>((resolve) => {
      const request = httpGet(`${service.url}/api/things/${id}/dist`, {
        headers: { authorization: `Bearer ${token}` },
      });
      request.on('error', () => undefined);
      request.on('response', (response) => {
        response.on('error', () => undefined);
        response.once('data', () => request.destroy());
        response.once('close', resolve);
      });
    });
    let response = await dist(id);
    // Until the service has seen that the other one is gone.
    while (response.status === 409) response = await dist(id);
    expect(response.status).toBe(200);
  });
});
