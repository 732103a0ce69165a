import type { Controller, NodeServer } from '@polyrelay/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newChannel } from '../../testing/channels.js';
import { registerLocal } from '../../testing/node-servers.js';
import { startService, type TestService } from '../../testing/service.js';
import { createThing } from '../../testing/things.js';

/** Broken requests a route, from a fixed seed: what fails once fails again. */
const REQUESTS = 30;
const SEED = 20_261_121;

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  oneOf?: Schema[];
  $ref?: string;
}

let service: TestService;
let authorization: string;
let nodeServer: NodeServer;
let known: Record<string, string>;
let paths: Record<string, Record<string, Operation>>;
let schemas: Record<string, Schema>;

beforeAll(async () => {
  service = await startService();
  const { token } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
    body: { name: 'fuzz' },
    status: 201,
  });
  authorization = `Bearer ${token}`;
  nodeServer = await registerLocal(service);
  const controllers = await service.call<{ items: Controller[] }>('GET', '/api/controllers');
  known = {
    id: nodeServer.id,
    controller: controllers.items[0]?.id ?? '',
    thing: (await createThing(service)).id,
    channel: String((await newChannel(service)).id),
  };
  const document = await service.call<{ paths: typeof paths; components: { schemas: typeof schemas } }>(
    'GET',
    '/api/openapi.json',
  );
  ({ paths } = document);
  ({ schemas } = document.components);
});
afterAll(() => service.close());

/** Values that break what is not careful. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e308,
    2 ** 53,
    '',
    ' ',
    'a\0b',
    '\ud800',
    '../../../../etc/passwd',
    '{{7*7}}',
    "'; DROP TABLE users; --",
    '%00',
    '0x10',
    '99999999999999999999',
    '-0',
    'NaN',
    '1e9',
    '٣',
    '👩‍👩‍👧',
    'x'.repeat(100_000),
    '2026-02-30T00:00:00Z',
    '+275760-09-13T00:00:00.000Z',
    '00000000-0000-0000-0000-000000000000',
    [],
    [[]],
    {},
    ['a\0b'],
    { 'a\0b': 'a\0b' },
    { constructor: { prototype: 1 }, toString: 1, hasOwnProperty: 1 },
    { length: 1e9 },
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.jsonValue({ maxDepth: 3 }),
);

const text = nasty.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 3000));

/** Property names that a schema knows at its top, whatever it is composed of. */
function propertiesOf(schema: Schema | undefined, depth = 0): Record<string, Schema> {
  if (schema === undefined || depth > 5) return {};
  const referred = schema.$ref === undefined ? undefined : schemas[schema.$ref.split('/').at(-1) ?? ''];
  const parts = [referred, ...(schema.anyOf ?? []), ...(schema.allOf ?? []), ...(schema.oneOf ?? [])];
  return Object.assign({}, schema.properties, ...parts.map((part) => propertiesOf(part, depth + 1)));
}

/** A value for a schema: mostly of the shape it wants, with something wrong inside. */
function valueFor(schema: Schema | undefined, depth = 0): fc.Arbitrary<unknown> {
  const properties = propertiesOf(schema);
  if (depth > 3 || Object.keys(properties).length === 0) return nasty;
  const shaped = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, valueFor(inner, depth + 1)])),
    { requiredKeys: [] },
  );
  return fc.oneof({ weight: 4, arbitrary: shaped }, { weight: 1, arbitrary: nasty });
}

const broken = fc.constantFrom(
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '['.repeat(20_000) + ']'.repeat(20_000),
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  `{"name":"${'x'.repeat(300_000)}"}`,
  '\ufeff{}',
  '{"a":1}{"b":2}',
);

const mediaType = fc.oneof(
  { weight: 8, arbitrary: fc.constant('application/json') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      ';',
    ),
  },
);

interface Attempt {
  url: string;
  body: string | undefined;
  mediaType: string;
  headers: Record<string, string>;
}

function attempts(path: string, method: string, operation: Operation): fc.Arbitrary<Attempt> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  // The real one mostly, so that what lies behind it is reached.
  const segment = (name: string): fc.Arbitrary<string> => {
    const real =
      known[Object.keys(known).find((kind) => /^\/(?:api|v1|gw)\/(\w+)s\b/.exec(path)?.[1] === kind) ?? name];
    if (real === undefined) return text;
    return fc.oneof({ weight: 3, arbitrary: fc.constant(real) }, { weight: 1, arbitrary: text });
  };
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .map(({ name }) => name);
  const body = operation.requestBody?.content['application/json']?.schema;
  return fc.record({
    url: fc
      .tuple(
        fc.tuple(...names.map(segment)),
        fc.record(Object.fromEntries(query.map((name) => [name, text])), { requiredKeys: [] }),
      )
      .map(([segments, params]) => {
        const left = [...segments];
        const filled = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(wellFormed(left.shift() ?? 'x')));
        const search = Object.entries(params).map(
          ([k, v]) => `${k}=${encodeURIComponent(wellFormed(String(v)))}`,
        );
        return `${filled}?${search.join('&')}`;
      }),
    body:
      method === 'get'
        ? fc.constant(undefined)
        : fc.oneof(
            { weight: 4, arbitrary: valueFor(body).map((value) => JSON.stringify(value)) },
            { weight: 1, arbitrary: broken },
          ),
    mediaType,
    headers: fc.constantFrom<Record<string, string>>(
      {},
      {},
      { 'last-event-id': 'x\u00ff' },
      { range: 'bytes=9-1' },
      { 'if-none-match': '*' },
      { 'x-forwarded-for': "'" },
    ),
  });
}

const wellFormed = (value: string): string => Buffer.from(value, 'utf8').toString('utf8');

test('no malformed request to any route is answered with a failure of the service', async () => {
  const failures: string[] = [];
  let sent = 0;
  const send = async (path: string, method: string, attempt: Attempt): Promise<void> => {
    const abort = new AbortController();
    const hasBody = attempt.body !== undefined;
    const response = await fetch(service.url + attempt.url, {
      method: method.toUpperCase(),
      redirect: 'manual',
      signal: abort.signal,
      headers: {
        authorization,
        ...attempt.headers,
        ...(hasBody ? { 'content-type': attempt.mediaType } : {}),
      },
      ...(hasBody ? { body: attempt.body ?? '' } : {}),
    });
    sent++;
    if (response.status >= 500) {
      const { url, body } = attempt;
      failures.push(
        `${response.status} ${method} ${path}: ${url.slice(0, 200)} ${attempt.mediaType} ${body?.slice(0, 200)}`,
      );
    }
    // Some answers are streams.
    abort.abort();
  };
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      // Deleting the node server, the thing or the channel, or stopping it, would leave the other routes without one.
      // Of those that make keys, 150 ms of work each, a few: there is nothing to break in them but the id.
      const numRuns = path.endsWith('/keys') ? 3 : REQUESTS;
      const samples = fc.sample(attempts(path, method, operation), { numRuns, seed: SEED });
      const deletes =
        /^\/(?:api|v1|gw)\/(node-servers|things|channels)\/\{(?:id|selector)\}$/.test(path) &&
        method === 'delete';
      const safe = deletes ? [] : samples;
      await Promise.all(safe.map((attempt) => send(path, method, attempt)));
    }
  }
  expect(failures).toEqual([]);
  expect(sent).toBeGreaterThan(30 * REQUESTS);
  expect((await service.fetch('/api/health')).status).toBe(200);
  expect(await service.call('GET', `/api/node-servers/${nodeServer.id}`)).toMatchObject({
    id: nodeServer.id,
  });
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
}, 120_000);
