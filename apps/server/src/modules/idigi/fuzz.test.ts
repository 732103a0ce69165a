import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectWorker, registerLocal } from '../../testing/node-servers.js';
import { ADMIN, startService, type TestService } from '../../testing/service.js';
import { createThing } from '../../testing/things.js';

/** Broken requests a route, from a fixed seed: what fails once fails again. */
const REQUESTS = 60;
const SEED = 20_261_122;

let service: TestService;
let authorization: string;
let known: Record<string, string>;

beforeAll(async () => {
  service = await startService();
  const { token } = await service.call<{ token: string }>('POST', '/api/access-tokens', {
    body: { name: 'fuzz' },
    status: 201,
  });
  authorization = `Basic ${Buffer.from(`${ADMIN.email}:${token}`).toString('base64')}`;
  const nodeServer = await registerLocal(service);
  const worker = await connectWorker(service, nodeServer);
  await worker.addController();
  await worker.stop();
  const thing = await createThing(service);
  await service.app.messages.collect(thing, '{"a":1}');
  const { payload } = await inject({
    method: 'POST',
    url: '/ws/Monitor',
    payload: '<Monitor><monTopic>Event</monTopic></Monitor>',
  });
  const wire = (id: string): string =>
    id.replaceAll('-', '').replace(/(.{8})(.{8})(.{8})(.{8})/, '$1-$2-$3-$4');
  known = {
    Monitor: /Monitor\/(\d+)/.exec(payload)?.[1] ?? '',
    DeviceCore: '1',
    FileData: `~/${wire(thing.id)}/x.json`,
    DataStream: `${wire(nodeServer.id)}/controller/ST`,
    DataPoint: `${wire(nodeServer.id)}/controller/ST`,
    Group: '.json',
  };
});
afterAll(() => service.close());

const inject = (options: InjectOptions) =>
  service.app.inject({ ...options, headers: { authorization, ...options.headers } });

const nasty = fc.oneof(
  fc.constantFrom(
    '',
    "'",
    '"',
    '\0',
    '\ud800',
    '%',
    '_'.repeat(2000),
    '%a'.repeat(1000),
    '99999999999999999999',
    '-1',
    '1e9',
    '٣',
    '0000-01-01T00:00:00Z',
    '2026-02-30T25:61:00Z',
    '9999-12-31T23:59:59.999999999+23:59',
    '99999999999999',
    "'; DROP TABLE monitors; --",
    '__proto__',
    '../../../etc/passwd',
    'None',
    '(('.repeat(500),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const ATTRIBUTES =
  'monId monTopic monLastSent devId devConnectwareId dpConnectionStatus grpPath fdPath fdName fdSize fdCreatedDate fdType cstId streamId dataType grpId';

/** Conditions that are nearly right. */
const condition = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...ATTRIBUTES.split(' ')) },
      { weight: 5, arbitrary: fc.constantFrom('=', '<>', '<', '>=', ' like ', ' and ', ' or ', '(', ')') },
      { weight: 4, arbitrary: nasty.map((value) => `'${value}'`) },
      { weight: 1, arbitrary: nasty },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** One comparison of the right form, with any value. */
const comparison = fc
  .tuple(
    fc.constantFrom(...ATTRIBUTES.split(' ')),
    fc.constantFrom('=', '<>', '<', '>', '<=', '>=', ' like '),
    nasty,
  )
  .map(([name, sign, value]) => `${name}${sign}'${value.replaceAll("'", "''")}'`);

const parameter = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('condition'), fc.oneof(condition, comparison)) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom(
        'start',
        'size',
        'orderby',
        'order',
        'embed',
        'startTime',
        'endTime',
        'pageCursor',
        'timeline',
      ),
      nasty,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('pageCursor'),
      fc.constantFrom('0.0', '999999999999999.999999999', '1.1'),
    ),
  },
);

const FIELDS =
  'monTopic monBatchSize monBatchDuration monTransportType monTransportUrl monTransportHeaders monTransportToken monSchemaType monSchemaData monCompression monDescription monId monConnectTimeout';

const VALUES = [
  'Event',
  'DeviceCore[U]',
  '[group=a]DataPoint/*',
  'http',
  'tcp',
  'handlebars',
  '{{#each',
  '{{x}}',
  '1',
  'https://[',
  'a: b',
];

const element = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS.split(' ')), fc.oneof(fc.constantFrom(...VALUES), nasty)), {
    maxLength: 6,
  })
  .map(
    (fields) => `<Monitor>${fields.map(([name, value]) => `<${name}>${value}</${name}>`).join('')}</Monitor>`,
  );

const bytes = fc.oneof(
  { weight: 4, arbitrary: element.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: element.map((text) => Buffer.from(`\ufeff${text}`, 'utf16le')) },
  // Cut, and with a byte turned over.
  {
    weight: 3,
    arbitrary: fc.tuple(element, fc.nat(), fc.nat({ max: 255 })).map(([text, at, byte]) => {
      const cut = Buffer.from(text).subarray(0, 1 + (at % text.length));
      cut[at % cut.length] = byte;
      return cut;
    }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        '',
        '<',
        '<a>'.repeat(50_000),
        `<list>${'<Monitor/>'.repeat(5000)}</list>`,
        `<Monitor><monTopic>${'x'.repeat(400_000)}</monTopic></Monitor>`,
        `<!DOCTYPE a [${Array.from({ length: 20 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join('')}]><Monitor><monTopic>&a20;</monTopic></Monitor>`,
        '<?xml version="1.0" encoding="UTF-7"?><Monitor/>',
        '<?xml version="9.9"?><Monitor/>',
        '{"Monitor":[null,1,{}]}',
        '{"__proto__":{"monTopic":"Event"},"constructor":1}',
        '['.repeat(100_000),
        '{"monTopic":"a\\u0000b"}',
        '{"monTopic":"\\ud800"}',
        '<Monitor><monTopic>&#0;</monTopic></Monitor>',
        '<Monitor><monTopic>&#55296;</monTopic></Monitor>',
      )
      .map((text) => Buffer.from(text)),
  },
);

const mediaType = fc.constantFrom(
  '',
  'text/xml',
  'application/json',
  'application/x-www-form-urlencoded',
  'text/xml; charset=utf-16',
  'text/xml; charset=nothing',
  ';',
);

const path = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant(''),
    fc.constantFrom('/', '/.json', '/.xml', '/%', '/%ff', '/%00', `/${'x'.repeat(1999)}`),
    { weight: 3, arbitrary: fc.constantFrom('', '.json').map((end) => `/${known[name]}${end}`) },
    nasty.map((text) => `/${encodeURIComponent(Buffer.from(text).toString())}`),
  );

const request = (method: string, name: string) =>
  fc.record({
    path: path(name),
    query: fc.array(parameter, { maxLength: 3 }),
    body: method === 'GET' ? fc.constant(undefined) : bytes,
    type: mediaType,
    accept: fc.constantFrom('application/json', 'application/xml', '*/*', ''),
  });

test('no malformed request to any route is answered with a failure of the service, or with another form', async () => {
  const failures: string[] = [];
  const routes = ['Monitor', 'DeviceCore', 'FileData', 'DataStream', 'DataPoint', 'Group'];
  for (const [name, method] of [
    ...routes.map((route) => [route, 'GET'] as const),
    ...(['POST', 'PUT', 'DELETE'] as const).map((one) => ['Monitor', one] as const),
    ['FileData', 'PUT'] as const,
  ]) {
    // The one that is known stays for what comes behind.
    const samples = fc.sample(request(method, name), { numRuns: REQUESTS, seed: SEED });
    for (const { path: rest, query, body, type, accept } of samples) {
      const search = query
        .map(([key, value]) => `${key}=${encodeURIComponent(Buffer.from(value).toString())}`)
        .join('&');
      const url = `/ws/${name}${rest}?${search}`;
      const answer = await inject({
        method,
        url,
        headers: { accept, ...(type === '' ? {} : { 'content-type': type }) },
        ...(body === undefined ? {} : { payload: body }),
      });
      const isRight = answer.statusCode < 500 && /^(?:<\?xml .*<\/result>|\{.*\})$/s.test(answer.payload);
      if (!isRight)
        failures.push(
          `${answer.statusCode} ${method} ${url.slice(0, 300)}: ${answer.payload.slice(0, 300)} ${String(body).slice(0, 200)}`,
        );
    }
  }
  expect(failures).toEqual([]);
  expect((await service.fetch('/api/health')).status).toBe(200);
});
