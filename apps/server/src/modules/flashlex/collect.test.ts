import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import type { FlashlexError, Thing } from '@polyrelay/contract';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../testing/service.js';
import { createThing, thingFiles } from '../../testing/things.js';

let service: TestService;
let thing: Thing;
let key: KeyObject;
let other: Thing;
let otherKey: KeyObject;

const keyOf = async (of: Thing): Promise<KeyObject> =>
  createPrivateKey((await thingFiles(service, of)).privateKey);

beforeAll(async () => {
  service = await startService();
  thing = await createThing(service);
  key = await keyOf(thing);
  other = await createThing(service);
  otherKey = await keyOf(other);
});
afterAll(() => service.close());

const now = (): number => Math.floor(Date.now() / 1000);

/** As the published SDK makes them: six minutes to both sides. */
const claims = (id: string, at = now()): JWTPayload => ({
  iss: `urn:thing:${id}`,
  aud: `urn:flashlex:${id}`,
  nbf: at - 360,
  exp: at + 360,
});

interface Made {
  payload?: { [claim: string]: unknown };
  header?: Record<string, unknown>;
  signer?: KeyObject;
}

/** A token of the thing, with something else about it. */
function tokenOf({ payload = {}, header = {}, signer = key }: Made = {}): Promise<string> {
  const all = { ...claims(thing.id), ...payload };
  const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(kept).setProtectedHeader({ alg: 'RS256', kid: thing.id, ...header }).sign(signer);
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const signed = (signer: KeyObject, input: string): string =>
  sign('sha256', Buffer.from(input), signer).toString('base64url');

/** A token put together by hand, for what no library makes. */
function byHand(header: unknown, payload: unknown, sign: (input: string) => string): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign(input)}`;
}

function collect(
  token: string | undefined,
  {
    id = thing.id,
    body = '{"foo":"bar"}',
    base = '/v1',
    headers = {},
  }: { id?: string; body?: string; base?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(`${service.url}${base}/things/${id}/collect`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body,
  });
}

async function refusal(response: Response): Promise<{ status: number; code: string; message: string }> {
  const body = (await response.json()) as FlashlexError;
  expect(body).toMatchObject({ status: 'ERROR', code: response.status, result: {} });
  expect(response.headers.get('content-type')).toContain('application/json');
  const value = (wanted: string): string => body.messages.find((one) => one.key === wanted)?.value ?? '';
  return { status: response.status, code: value('code'), message: value('message') };
}

describe('a collected message', () => {
  test('is committed when it is answered, under every base', async () => {
    for (const base of ['/v1', '/prd/v1', '/dev/v1']) {
      const response = await collect(await tokenOf(), { base, body: '{"b": 1, "a": [2]}' });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('application/json');
      const answer = (await response.json()) as { result: { flmessagespk: string } };
      const { flmessagespk } = answer.result;
      expect(answer).toEqual({
        status: 'OK',
        code: 200,
        messages: [{ key: 'message', value: 'Message collected.' }],
        result: { message: 'Message collected.', flthingspk: thing.id, flmessagespk },
      });
      const { rows } = await service.app.database.pool.query(
        'SELECT thing_id, type, payload::text AS text FROM messages WHERE id = $1',
        [flmessagespk],
      );
      expect(rows).toEqual([{ thing_id: thing.id, type: 'egress', text: '{"b": 1, "a": [2]}' }]);
    }
  });

  test('may be any JSON, by whatever name its media type goes', async () => {
    for (const body of ['1', '"text"', 'null', '[]', ' {"a":"ü☃😀"} '])
      expect((await collect(await tokenOf(), { body })).status).toBe(200);
    for (const type of [
      'application/json; charset=utf-8',
      'application/vnd.x+json',
      'text/json',
      'text/plain',
    ])
      expect((await collect(await tokenOf(), { headers: { 'content-type': type } })).status).toBe(200);
  });

  test('is stored once under the id that the thing gave it', async () => {
    const id = randomUUID();
    const headers = { 'idempotency-key': id.toUpperCase() };
    for (let i = 0; i < 3; i++) {
      const response = await collect(await tokenOf(), { headers });
      expect(await response.json()).toMatchObject({ code: 200, result: { flmessagespk: id } });
    }
    const { rows } = await service.app.database.pool.query('SELECT 1 FROM messages WHERE id = $1', [id]);
    expect(rows).toHaveLength(1);
    const foreign = await new SignJWT(claims(other.id)).setProtectedHeader({ alg: 'RS256' }).sign(otherKey);
    expect((await refusal(await collect(foreign, { id: other.id, headers }))).status).toBe(409);
    const wrong = await refusal(await collect(await tokenOf(), { headers: { 'idempotency-key': 'x' } }));
    expect(wrong).toMatchObject({ status: 400, code: 'invalidId' });
  });
});

describe('a token that is right', () => {
  const good: [string, () => Made][] = [
    ['as the published SDK makes it', () => ({})],
    ['without a kid', () => ({ header: { kid: undefined } })],
    ['with a type', () => ({ header: { typ: 'JWT' } })],
    ['without nbf', () => ({ payload: { nbf: undefined } })],
    ['with iat and claims of its own', () => ({ payload: { iat: now(), x: { y: [1] } } })],
    ['with a list of audiences', () => ({ payload: { aud: ['urn:x', `urn:flashlex:${thing.id}`] } })],
    ['that expired within the tolerance', () => ({ payload: { exp: now() - 20 } })],
    ['that begins within the tolerance', () => ({ payload: { nbf: now() + 20 } })],
    ['of a clock five minutes behind', () => ({ payload: claims(thing.id, now() - 300) })],
    ['of a clock five minutes ahead', () => ({ payload: claims(thing.id, now() + 300) })],
  ];
  test.each(good)('%s', async (_name, made) => {
    expect((await collect(await tokenOf(made()))).status).toBe(200);
  });
});

describe('a token that is wrong', () => {
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const ed = generateKeyPairSync('ed25519').privateKey;
  const publicPem = (): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  const hmac = (secret: string) => (input: string) =>
    createHmac('sha256', secret).update(input).digest('base64url');
  const header = (rest: Record<string, unknown> = {}) => ({ alg: 'RS256', kid: thing.id, ...rest });
  const made = (rest: Made) => () => tokenOf(rest);
  const day = 86_400;

  const cases: [name: string, token: () => Promise<string> | string, code: string, words?: RegExp][] = [
    // Not a token at all.
    ['empty', () => '', 'malformedToken', /Authorization: Bearer/],
    ['a word', () => 'x', 'malformedToken'],
    ['two parts', async () => (await tokenOf()).split('.').slice(0, 2).join('.'), 'malformedToken'],
    ['four parts', async () => `${await tokenOf()}.x`, 'malformedToken'],
    ['five parts', async () => `${await tokenOf()}.x.y`, 'malformedToken'],
    ['only dots', () => '..', 'malformedToken'],
    ['no header', async () => `.${(await tokenOf()).split('.').slice(1).join('.')}`, 'malformedToken'],
    ['a header that is no JSON', () => `${Buffer.from('{').toString('base64url')}.e30.x`, 'malformedToken'],
    ['a header that is a list', () => byHand([], claims(thing.id), () => 'x'), 'malformedToken'],
    ['a header without an algorithm', () => byHand({}, claims(thing.id), () => 'x'), 'malformedToken'],
    [
      'an algorithm that is a number',
      () => byHand({ alg: 1 }, claims(thing.id), () => 'x'),
      'malformedToken',
    ],
    [
      'an access token',
      () => 'pr_0123456789012345678901234567890123456789012',
      'malformedToken',
      /access token/,
    ],
    // Algorithms.
    [
      'alg none without a signature',
      () => byHand(header({ alg: 'none' }), claims(thing.id), () => ''),
      'malformedToken',
    ],
    ['alg None', () => byHand(header({ alg: 'None' }), claims(thing.id), () => ''), 'malformedToken'],
    [
      'alg NONE with a signature',
      () => byHand(header({ alg: 'NONE' }), claims(thing.id), () => 'AAAA'),
      'malformedToken',
    ],
    [
      'HS256 with the public key',
      () => byHand(header({ alg: 'HS256' }), claims(thing.id), hmac(publicPem())),
      'malformedToken',
    ],
    [
      'HS256 with the trimmed public key',
      () => byHand(header({ alg: 'HS256' }), claims(thing.id), hmac(publicPem().trim())),
      'malformedToken',
    ],
    [
      'HS256 with nothing',
      () => byHand(header({ alg: 'HS256' }), claims(thing.id), hmac('')),
      'malformedToken',
    ],
    ['RS256 said, HMAC made', () => byHand(header(), claims(thing.id), hmac(publicPem())), 'foreignToken'],
    ['RS512', made({ header: { alg: 'RS512' } }), 'malformedToken'],
    ['PS256', made({ header: { alg: 'PS256' } }), 'malformedToken'],
    ['ES256 with a key of its own', made({ header: { alg: 'ES256' }, signer: ec }), 'malformedToken'],
    ['EdDSA with a key of its own', made({ header: { alg: 'EdDSA' }, signer: ed }), 'malformedToken'],
    [
      'a critical header that nobody knows',
      () => byHand(header({ crit: ['x'], x: 1 }), claims(thing.id), () => 'AAAA'),
      'malformedToken',
    ],
    [
      'a payload that is not encoded',
      () => byHand(header({ b64: false, crit: ['b64'] }), claims(thing.id), () => 'AAAA'),
      'malformedToken',
    ],
    // Signatures.
    ['a key of its own', made({ signer: stranger }), 'foreignToken', /private key of this thing/],
    [
      'a key of its own in the header',
      () =>
        tokenOf({ signer: stranger, header: { jwk: createPublicKey(stranger).export({ format: 'jwk' }) } }),
      'foreignToken',
    ],
    [
      'a key to be fetched',
      made({ signer: stranger, header: { jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/' } }),
      'foreignToken',
    ],
    [
      'a path as the key’s name',
      made({ signer: stranger, header: { kid: '../../dev/null' } }),
      'foreignToken',
    ],
    ['the key of another thing', () => tokenOf({ signer: otherKey }), 'foreignToken'],
    [
      'a short key',
      () => byHand(header(), claims(thing.id), (input) => signed(small, input)),
      'foreignToken',
    ],
    ['no signature', async () => `${(await tokenOf()).split('.').slice(0, 2).join('.')}.`, 'foreignToken'],
    ['a cut signature', async () => (await tokenOf()).slice(0, -6), 'foreignToken'],
    [
      'another payload under a signature',
      async () => {
        const [head, , signature] = (await tokenOf()).split('.');
        return `${head}.${encode({ ...claims(thing.id), exp: now() + 9 * day })}.${signature}`;
      },
      'foreignToken',
    ],
    [
      'another header under a signature',
      async () => {
        const [, payload, signature] = (await tokenOf()).split('.');
        return `${encode(header({ x: 1 }))}.${payload}.${signature}`;
      },
      'foreignToken',
    ],
    [
      'another thing’s own token',
      () => new SignJWT(claims(other.id)).setProtectedHeader({ alg: 'RS256', kid: other.id }).sign(otherKey),
      'foreignToken',
    ],
    ['another key’s name', made({ header: { kid: randomUUID() } }), 'wrongKeyId', /kid/],
    ['a key’s name that is a list', made({ header: { kid: ['x'] } }), 'wrongKeyId'],
    // Claims.
    [
      'a payload that is no JSON',
      () => {
        const input = `${encode(header())}.AAAA`;
        return `${input}.${signed(key, input)}`;
      },
      'malformedToken',
    ],
    ['a payload that is a list', () => byHand(header(), [], (input) => signed(key, input)), 'malformedToken'],
    [
      'no audience',
      made({ payload: { aud: undefined } }),
      'wrongAudience',
      /“aud” is missing.*urn:flashlex:/,
    ],
    [
      'another audience',
      made({ payload: { aud: 'urn:flashlex:x' } }),
      'wrongAudience',
      /“aud” is wrong.*urn:flashlex:/,
    ],
    ['the issuer as audience', () => tokenOf({ payload: { aud: `urn:thing:${thing.id}` } }), 'wrongAudience'],
    [
      'another thing as audience',
      () => tokenOf({ payload: { aud: `urn:flashlex:${other.id}` } }),
      'wrongAudience',
    ],
    ['no audiences', made({ payload: { aud: [] } }), 'wrongAudience'],
    ['no issuer', made({ payload: { iss: undefined } }), 'wrongIssuer', /“iss” is missing.*urn:thing:/],
    [
      'another issuer',
      () => tokenOf({ payload: { iss: `urn:thing:${other.id}` } }),
      'wrongIssuer',
      /“iss” is wrong/,
    ],
    ['an issuer in capitals', () => tokenOf({ payload: { iss: `URN:THING:${thing.id}` } }), 'wrongIssuer'],
    ['no end', made({ payload: { exp: undefined } }), 'endlessToken', /“exp”/],
    ['an end in words', made({ payload: { exp: 'tomorrow' as never } }), 'wrongClaim', /“exp”.*number/],
    [
      'an end that is null',
      () => byHand(header(), { ...claims(thing.id), exp: null }, (input) => signed(key, input)),
      'wrongClaim',
    ],
    ['a beginning in words', made({ payload: { nbf: '0' as never } }), 'wrongClaim', /“nbf”/],
    // Times.
    [
      'expired a minute ago',
      () => tokenOf({ payload: { exp: now() - 60, nbf: now() - 780 } }),
      'tokenExpired',
      /expired 1 minute.* ago.*clock is 7 minutes.* behind/,
    ],
    [
      'of a clock an hour behind',
      () => tokenOf({ payload: claims(thing.id, now() - 3600) }),
      'tokenExpired',
      /expired 54 minutes.* ago.*clock is 1 hour.* behind: here it is 20\d\d-/,
    ],
    [
      'of a clock two hours ahead',
      () => tokenOf({ payload: claims(thing.id, now() + 7200) }),
      'tokenNotYetValid',
      /not valid for another 1 hour 5\d minutes.*clock is (2 hours|1 hour 59 minutes).* ahead/,
    ],
    [
      'of a Raspberry Pi that starts in 1970',
      () => tokenOf({ payload: { ...claims(thing.id, 100), nbf: 0 } }),
      'tokenExpired',
      /clock is \d+ days.* behind/,
    ],
    [
      'of milliseconds',
      () => tokenOf({ payload: { nbf: Date.now() - 360_000, exp: Date.now() + 360_000 } }),
      'tokenNotYetValid',
      /more than 100 years/,
    ],
    [
      'beyond all times',
      () => byHand(header(), { ...claims(thing.id), exp: -1e300 }, (input) => signed(key, input)),
      'tokenExpired',
    ],
    [
      'that ends before it begins',
      () => tokenOf({ payload: { nbf: now() + 500, exp: now() - 500 } }),
      'tokenExpired',
    ],
  ];

  test.each(cases)('%s', async (_name, token, code, words = /./) => {
    const before = await stored();
    const answer = await refusal(await collect(await token()));
    expect(answer).toMatchObject({ status: 401, code });
    expect(answer.message).toMatch(words);
    expect(await stored()).toBe(before);
  });

  test('there are enough of them', () => expect(cases.length).toBeGreaterThanOrEqual(40));

  test('nothing but a Bearer token is a token', async () => {
    const good = await tokenOf();
    const url = `${service.url}/v1/things/${thing.id}/collect`;
    for (const authorization of [undefined, '', good, `Basic ${good}`, `Bearer ${good} x`, `Bearer  `]) {
      const headers = {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      };
      const response = await fetch(url, { method: 'POST', headers, body: '{}' });
      expect((await refusal(response)).code).toBe('malformedToken');
    }
    const asAdmin = await service.fetch(`/v1/things/${thing.id}/collect`, { method: 'POST', body: '{}' });
    expect((await refusal(asAdmin)).code).toBe('malformedToken');
  });

  test('nobody learns from the answer which things there are', async () => {
    const foreign = await tokenOf({ signer: stranger });
    const known = await refusal(await collect(foreign));
    const broken = await refusal(await collect('a.b.c'));
    for (const id of [randomUUID(), 'x', '%27', `${thing.id}x`]) {
      expect(await refusal(await collect(foreign, { id }))).toEqual(known);
      expect(await refusal(await collect('a.b.c', { id }))).toEqual(broken);
    }
  });

  test('an access token does not collect, and a thing’s token opens nothing else', async () => {
    const { token } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
      body: { name: 'collect' },
      status: 201,
    });
    expect((await refusal(await collect(token))).status).toBe(401);
    const authorization = `Bearer ${await tokenOf()}`;
    const routes: [string, string][] = [
      ['GET', '/v1/things'],
      ['POST', '/v1/things'],
      ['GET', `/v1/things/${thing.id}`],
      ['DELETE', `/v1/things/${thing.id}`],
      ['POST', `/v1/things/${thing.id}/publish`],
      ['GET', `/v1/things/${thing.id}/messages`],
      ['DELETE', `/v1/things/${thing.id}/messages`],
      ['GET', `/v1/things/${thing.id}/archive`],
      ['GET', `/v1/things/${thing.id}/dist`],
      ['GET', '/v1/users/me'],
      ['GET', '/v1/subscriptions'],
      ['GET', '/v1/subscriptions/active'],
      ['GET', '/v1/token'],
      ['GET', '/api/things'],
      ['GET', '/api/session'],
    ];
    for (const [method, path] of routes) {
      const response = await fetch(service.url + path, { method, headers: { authorization } });
      expect([method, path, response.status]).toEqual([method, path, 401]);
    }
  });

  test('a disabled thing is refused, and only then told so; new keys end the old ones', async () => {
    const mine = await createThing(service);
    const old = await keyOf(mine);
    const make = (signer: KeyObject) =>
      new SignJWT(claims(mine.id)).setProtectedHeader({ alg: 'RS256' }).sign(signer);
    const send = async (signer: KeyObject) => collect(await make(signer), { id: mine.id });
    expect((await send(old)).status).toBe(200);
    await service.call('PATCH', `/api/things/${mine.id}`, { body: { enabled: false } });
    expect(await refusal(await send(old))).toMatchObject({ status: 403, code: 'thingDisabled' });
    expect(await refusal(await send(stranger))).toMatchObject({ status: 401, code: 'foreignToken' });
    await service.call('PATCH', `/api/things/${mine.id}`, { body: { enabled: true } });
    await service.call('POST', `/api/things/${mine.id}/keys`);
    expect(await refusal(await send(old))).toMatchObject({ status: 401, code: 'foreignToken' });
    expect((await send(await keyOf(mine))).status).toBe(200);
    await service.call('DELETE', `/api/things/${mine.id}`, { status: 204 });
    expect(await refusal(await send(old))).toMatchObject({ status: 401, code: 'foreignToken' });
  });
});

describe('a body that is wrong', () => {
  const cases: [string, string, number, RegExp][] = [
    ['empty', '', 400, /empty/i],
    ['not JSON', '{"a":1,}', 400, /./],
    ['cut', '{"a":', 400, /./],
    ['two of them', '{} {}', 400, /./],
    ['too long', JSON.stringify('x'.repeat(256 * 1024)), 413, /256 KiB/],
    ['nested 100 deep', '['.repeat(100) + ']'.repeat(100), 400, /64|deep/],
    ['nested 50,000 deep', '['.repeat(50_000) + ']'.repeat(50_000), 400, /64|deep/],
  ];
  test.each(cases)('%s', async (_name, body, status, words) => {
    const answer = await refusal(await collect(await tokenOf(), { body }));
    expect(answer.status).toBe(status);
    expect(answer.message).toMatch(words);
  });

  test('who it is by is asked before it is read', async () => {
    const body = JSON.stringify('x'.repeat(300 * 1024));
    expect((await refusal(await collect('x', { body }))).status).toBe(401);
  });
});

test('over the limit: 403 with the policy, and nothing stored', async () => {
  const { user } = await service.call<{ user: { id: string } }>('GET', '/api/session');
  const { usage } = await service.call<{ usage: { collected: number } }>('GET', '/api/policy');
  const limits = { things: null, collected: usage.collected + 1, published: null, retentionDays: null };
  await service.call('PUT', `/api/policies/${user.id}`, { body: limits });
  try {
    expect((await collect(await tokenOf())).status).toBe(200);
    const before = await stored();
    const response = await collect(await tokenOf());
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      status: 'ERROR',
      code: 403,
      messages: [
        { key: 'message', value: expect.stringContaining(`allows ${limits.collected} collected messages`) },
        { key: 'code', value: 'overLimit' },
      ],
      result: {
        subscription: { flstatus: 'active', fluserspk: user.id },
        policy: {
          Statement: expect.arrayContaining([
            {
              Action: 'flashex:collectMessage',
              Effect: 'Deny',
              Resource: `${user.id}:message:*`,
              AllowedCount: limits.collected,
              ActualCount: limits.collected,
            },
          ]),
        },
      },
    });
    expect(await stored()).toBe(before);
  } finally {
    await service.call('DELETE', `/api/policies/${user.id}`);
  }
});

async function stored(): Promise<number> {
  const { rows } = await service.app.database.pool.query<{ count: string }>('SELECT count(*) FROM messages');
  return Number(rows[0]?.count);
}
