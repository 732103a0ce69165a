import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, signIn, startService, type TestService } from '../../testing/service.js';

let service: TestService;
let token: string;
beforeAll(async () => {
  // HTTP monitors send to this machine, where nobody takes it.
  service = await startService({ ALLOW_PRIVATE_URLS: 'true' });
  token = await newToken();
});
afterAll(() => service.close());

async function newToken(request: object = {}, headers?: Record<string, string>): Promise<string> {
  const body = { name: 'push', ...request };
  const made = await service.call<{ token: string }>('POST', '/api/access-tokens', {
    ...{ body, status: 201 },
    ...(headers === undefined ? {} : { headers }),
  });
  return made.token;
}

const basic = (email: string, password: string): string =>
  `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`;

interface Call {
  body?: string | Uint8Array;
  headers?: Record<string, string>;
}

/** As clients call: with HTTP Basic, and no word about what the body is. */
async function ws(method: string, path: string, { body, headers = {} }: Call = {}) {
  const response = await fetch(`${service.url}/ws/${path}`, {
    method,
    headers: {
      authorization: basic(ADMIN.email, token),
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

type Fields = Record<string, string>;

const xmlOf = (fields: Fields): string =>
  `<Monitor>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</Monitor>`;

/** Makes a monitor. @returns its id */
async function made(fields: Fields): Promise<string> {
  const { status, text } = await ws('POST', 'Monitor', { body: xmlOf(fields) });
  expect(text).toMatch(/location/);
  expect(status).toBe(201);
  return /Monitor\/(\d+)</.exec(text)?.[1] ?? '';
}

interface List {
  resultTotalRows: string;
  resultSize: string;
  remainingSize: string;
  items: Fields[];
}

async function found(query: string): Promise<List> {
  const { status, text } = await ws('GET', `Monitor/.json?${query}`);
  expect([status, text]).toEqual([200, text]);
  return JSON.parse(text) as List;
}

const where = async (condition: string): Promise<(string | undefined)[]> =>
  (await found(`condition=${encodeURIComponent(condition)}`)).items.map(({ monId }) => monId);

describe('create', () => {
  test('answers as published clients read it: 201, a header and a body', async () => {
    const answer = await ws('POST', 'Monitor', {
      body: '<Monitor><monTopic>DeviceCore[U],FileDataCore</monTopic><monCompression>gzip</monCompression></Monitor>',
    });
    const id = answer.headers.get('location')?.split('/').at(-1);
    expect(answer.status).toBe(201);
    expect(answer.text).toBe(
      `<?xml version="1.0" encoding="ISO-8859-1"?><result><location>Monitor/${id}</location></result>`,
    );
    const { items } = JSON.parse((await ws('GET', `Monitor/${id}.json`)).text) as List;
    expect(items).toEqual([
      {
        monId: id,
        cstId: expect.stringMatching(/^\d+$/),
        monTopic: 'DeviceCore[U],FileDataCore',
        monTransportType: 'tcp',
        monFormatType: 'json',
        monBatchSize: '100',
        monBatchDuration: '10',
        monCompression: 'zlib',
        monAckOption: 'off',
        monAutoReplayOnConnect: 'false',
        monStatus: 'INACTIVE',
      },
    ]);
  });

  test('of HTTP, with the words of a client for nothing; the token is never shown', async () => {
    const id = await made({
      monTopic: 'DataPoint',
      monTransportType: 'http',
      monTransportUrl: 'https://127.0.0.1:9/events?a=1&amp;b=2',
      monTransportToken: 'None',
      monTransportMethod: 'post',
      monConnectTimeout: '0',
      monResponseTimeout: '0',
      monTransportHeaders: 'X-Source: one\nX-Other: two: three',
    });
    const { text } = await ws('GET', `Monitor/${id}`, { headers: { accept: 'application/json' } });
    const [item] = (JSON.parse(text) as List).items;
    expect(item).toMatchObject({
      monTransportUrl: 'https://127.0.0.1:9/events?a=1&b=2',
      monTransportMethod: 'POST',
      monTransportHeaders: 'X-Source: one\nX-Other: two: three',
      monConnectTimeout: '0',
      monStatus: 'CONNECTING',
    });
    expect(item).not.toHaveProperty('monTransportToken');
    const record = await service.app.monitors.find(await adminId(), Number(id));
    expect(record?.transportToken).toBeNull();
    await ws('PUT', `Monitor/${id}`, { body: xmlOf({ monTransportToken: 'name:secret' }) });
    expect(await service.app.monitors.find(await adminId(), Number(id))).toMatchObject({
      transportToken: 'name:secret',
    });
    expect((await ws('GET', `Monitor/${id}`)).text).not.toContain('secret');
  });

  test('several at once; JSON, too', async () => {
    const list = `<list>${xmlOf({ monTopic: 'Event' })}${xmlOf({ monTopic: 'Nothing' })}</list>`;
    const some = await ws('POST', 'Monitor', { body: list });
    expect(some.status).toBe(207);
    expect(some.text).toMatch(/<result><location>Monitor\/\d+<\/location><error>POST Monitor error\./);
    const json = await ws('POST', 'Monitor', {
      body: JSON.stringify({ monTopic: 'Event', monBatchSize: 7, monAutoReplayOnConnect: true }),
      headers: { 'content-type': 'application/json', accept: 'application/json' },
    });
    expect(json.status).toBe(201);
    const id = json.headers.get('location')?.split('/').at(-1);
    expect(JSON.parse(json.text)).toEqual({ location: [`Monitor/${id}`] });
    expect((await found(`condition=monId=${id}`)).items[0]).toMatchObject({
      monBatchSize: '7',
      monAutoReplayOnConnect: 'true',
      monStatus: 'SUSPENDED',
    });
  });

  const adminId = async (): Promise<string> =>
    (await service.app.database.prisma.user.findUniqueOrThrow({ where: { email: ADMIN.email } })).id;

  test.each([
    [
      'no topic',
      '<Monitor><monBatchSize>1</monBatchSize></Monitor>',
      /Invalid monTopic specified: it is missing/,
    ],
    ['an unknown resource', xmlOf({ monTopic: 'DeviceCore,Foo' }), /Invalid monTopic specified.*12/],
    ['a bracket alone', xmlOf({ monTopic: 'DeviceCore[U' }), /Invalid monTopic specified/],
    ['an unknown field', xmlOf({ monTopic: 'Event', monColour: 'red' }), /Invalid monColour specified/],
    [
      'a batch too large',
      xmlOf({ monTopic: 'Event', monBatchSize: '1001' }),
      /Invalid monBatchSize specified/,
    ],
    ['a batch of none', xmlOf({ monTopic: 'Event', monBatchSize: '0' }), /Invalid monBatchSize specified/],
    [
      'words for a number',
      xmlOf({ monTopic: 'Event', monBatchDuration: 'long' }),
      /Invalid monBatchDuration/,
    ],
    ['another transport', xmlOf({ monTopic: 'Event', monTransportType: 'smtp' }), /Invalid monTransportType/],
    ['HTTP without a URL', xmlOf({ monTopic: 'Event', monTransportType: 'http' }), /Invalid monTransportUrl/],
    ['a field twice', '<Monitor><monTopic>Event</monTopic><monTopic>Event</monTopic></Monitor>', /twice/],
    ['another element', '<DataPoint><data>1</data></DataPoint>', /&lt;Monitor&gt; is expected/],
    ['nothing', '', /empty/],
    ['no XML', 'monTopic=Event', /cannot be read as XML/],
    ['half of it', '<Monitor><monTopic>Event</monTopic>', /cannot be read as XML: line 1/],
    ['elements in a field', '<Monitor><monTopic><a/></monTopic></Monitor>', /holds elements/],
    [
      'a document type',
      '<!DOCTYPE Monitor [<!ENTITY a "b">]><Monitor><monTopic>&a;</monTopic></Monitor>',
      /XML/,
    ],
    ['a document type alone', `<!DOCTYPE Monitor>${xmlOf({ monTopic: 'Event' })}`, /document type/],
    [
      'an external entity',
      '<!DOCTYPE M [<!ENTITY a SYSTEM "file:///etc/passwd">]><Monitor><monTopic>&a;</monTopic></Monitor>',
      /XML/,
    ],
    ['deep nesting', '<a>'.repeat(100_000), /nested|XML/],
    [
      'an encoding that nobody knows',
      `<?xml version="1.0" encoding="EBCDIC-1"?>${xmlOf({ monTopic: 'Event' })}`,
      /EBCDIC/,
    ],
    ['JSON that ends', '{"monTopic":', /not JSON/],
    ['deep JSON', `${'['.repeat(50_000)}`, /levels deep/],
    ['JSON of something else', '[1]', /fields of a Monitor/],
    ['a list of nothing', '<list/>', /1 to 100/],
    ['half an event', xmlOf({ monTopic: 'Event', monBatchSize: '1.5' }), /whole number of events/],
    ['less than nothing', xmlOf({ monTopic: 'Event', monBatchDuration: '-1' }), /0 or more seconds/],
    ['another format', xmlOf({ monTopic: 'Event', monFormatType: 'yaml' }), /: Use json or xml</],
    ['a flag of another kind', xmlOf({ monTopic: 'Event', monAutoReplayOnConnect: 'yes' }), /true or false/],
    [
      'a header that no object can hold',
      xmlOf({ monTopic: 'Event', monTransportHeaders: '__proto__: x' }),
      /each header in a line/,
    ],
    [
      'JSON that is not UTF-8',
      Buffer.from('{"monTopic":"Event","monDescription":"é"}', 'latin1'),
      /not UTF-8/,
    ],
  ])('refuses %s', async (_what, body, words) => {
    const { status, text } = await ws('POST', 'Monitor', { body });
    expect(status).toBe(400);
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="ISO-8859-1"\?><result><error>POST Monitor error\. Invalid request\. /,
    );
    expect(text).toMatch(words);
    expect(text).not.toContain('root:');
  });

  test('a body too large is refused', async () => {
    const body = xmlOf({ monTopic: 'Event', monDescription: 'x'.repeat(1024 * 1024) });
    expect((await ws('POST', 'Monitor', { body })).status).toBe(413);
  });

  test.each([
    ['UTF-8', Buffer.from(xmlOf({ monTopic: 'Event', monDescription: 'café €' })), 'café €'],
    [
      'UTF-16 with a mark',
      Buffer.from(`\ufeff${xmlOf({ monTopic: 'Event', monDescription: 'café €' })}`, 'utf16le'),
      'café €',
    ],
    [
      'Latin-1, declared',
      Buffer.from(
        `<?xml version="1.0" encoding="ISO-8859-1"?>${xmlOf({ monTopic: 'Event', monDescription: 'café' })}`,
        'latin1',
      ),
      'café',
    ],
    [
      'Latin-1, as Python writes it',
      Buffer.from(xmlOf({ monTopic: 'Event', monDescription: 'café' }), 'latin1'),
      'café',
    ],
    ['JSON with a mark', Buffer.from('\ufeff{"monTopic":"Event","monDescription":"café €"}'), 'café €'],
  ])('reads %s', async (_name, body, description) => {
    const { headers } = await ws('POST', 'Monitor', { body });
    const id = headers.get('location')?.split('/').at(-1);
    const { items } = await found(`condition=monId=${id}`);
    expect(items[0]?.monDescription).toBe(description);
    const { text } = await ws('GET', `Monitor/${id}.xml`);
    expect(text).toContain(
      `<monDescription>${description.replace('é', '&#233;').replace('€', '&#8364;')}</monDescription>`,
    );
  });

  test('bytes that are not what is declared are refused', async () => {
    const body = Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?>${xmlOf({ monTopic: 'Event', monDescription: 'é' })}`,
      'latin1',
    );
    const { status, text } = await ws('POST', 'Monitor', { body });
    expect([status, text]).toEqual([400, expect.stringContaining('not in the encoding')]);
  });
});

describe('read', () => {
  test('by conditions', async () => {
    const [a, b] = [
      await made({ monTopic: 'DataPoint/one', monBatchSize: '3', monDescription: "it's" }),
      await made({ monTopic: 'DataPoint/two', monBatchSize: '30', monFormatType: 'xml' }),
    ];
    expect(await where("monTopic='DataPoint/one'")).toEqual([a]);
    expect(await where("monTopic like 'DataPoint/%'")).toEqual([a, b]);
    expect(await where("monTopic like 'DataPoint/t_o'")).toEqual([b]);
    expect(await where(`monTopic like 'DataPoint%' and monBatchSize<'4'`)).toEqual([a]);
    // As numbers: as texts 30 stands before 4.
    expect(await where(`monTopic like 'DataPoint/%' and monBatchSize >= '4'`)).toEqual([b]);
    expect(await where(`monId='${a}' or monId='${b}' and monFormatType='json'`)).toEqual([a]);
    expect(await where(`(monId='${a}' or monId='${b}') and monFormatType<>'json'`)).toEqual([b]);
    expect(await where("monDescription='it''s'")).toEqual([a]);
    expect(await where("monLastSent > '2020-01-01T00:00:00Z'")).toEqual([]);
    expect(await found("condition=monTopic='nothing'")).toMatchObject({ resultSize: '0', items: [] });
  });

  test('a pattern that takes long is given up, and nobody waits for it', async () => {
    const body = `<list>${xmlOf({ monTopic: 'Event', monDescription: 'a'.repeat(1000) }).repeat(100)}</list>`;
    expect((await ws('POST', 'Monitor', { body })).status).toBe(201);
    const slow = (pattern: string) =>
      ws('GET', `Monitor?condition=${encodeURIComponent(`monDescription like '${pattern}'`)}`);
    const { status, text } = await slow(`%${'a'.repeat(499)}b`);
    expect([status, text]).toEqual([400, expect.stringContaining('take too long')]);
    expect((await slow('%a%a%b')).status).toBe(200);
  });

  test('in parts', async () => {
    for (let i = 0; i < 3; i++) await made({ monTopic: 'AlarmStatus' });
    const all = await found("condition=monTopic='AlarmStatus'");
    const part = await found("condition=monTopic='AlarmStatus'&start=1&size=1&orderby=monId desc");
    expect(part).toEqual({
      resultTotalRows: '3',
      requestedStartRow: '1',
      resultSize: '1',
      requestedSize: '1',
      remainingSize: '1',
      items: [all.items[1]],
    });
  });

  test('as XML where nothing else is asked for', async () => {
    const id = await made({ monTopic: 'XbeeCore', monDescription: 'a &lt; b' });
    const { text, headers } = await ws('GET', `Monitor?condition=${encodeURIComponent(`monId='${id}'`)}`);
    expect(headers.get('content-type')).toMatch(/^application\/xml/);
    expect(text).toContain(
      '<result><resultTotalRows>1</resultTotalRows><requestedStartRow>0</requestedStartRow><resultSize>1</resultSize>',
    );
    expect(text).toContain(`<Monitor><monId>${id}</monId>`);
    expect(text).toContain('<monDescription>a &lt; b</monDescription>');
  });

  test.each([
    ["monTopic='a", /position 9: a text is not closed/],
    ["password='a'", /position 0: “password” is none of monId/],
    ["__proto__='a'", /position 0/],
    ["monTopic='a' monId='1'", /position 13/],
    ["monTopic ~ 'a'", /position 9: “~” is not expected/],
    ["(monTopic='a'", /position 13: “\)” is expected/],
    ['monTopic=', /position 9: a value in quotes is expected/],
    ["monId='1; DROP TABLE monitors'", /position 6: a number is expected/],
    ["monLastSent > 'yesterday'", /position 14: a time is expected/],
    [`${'('.repeat(60)}monId=1${')'.repeat(60)}`, /nested more than 50/],
  ])('a condition that is wrong is refused with its place: %s', async (condition, words) => {
    const { status, text } = await ws('GET', `Monitor?condition=${encodeURIComponent(condition)}`, {
      headers: { accept: 'application/json' },
    });
    const { error } = JSON.parse(text) as { error: string[] };
    expect([status, error.length]).toEqual([400, 1]);
    expect(error[0]).toMatch(/^GET Monitor error\. Invalid request\. Invalid condition specified/);
    expect(error[0]).toMatch(words);
  });

  test.each(['size=0', 'size=-1', 'start=x', 'start=1&start=2', 'orderby=foo'])(
    'refuses %s',
    async (query) => {
      expect((await ws('GET', `Monitor?${query}`)).status).toBe(400);
    },
  );
});

describe('change and delete', () => {
  test('changes what is given', async () => {
    const id = await made({ monTopic: 'Event', monBatchSize: '5' });
    const answer = await ws('PUT', `Monitor/${id}`, {
      body: xmlOf({ monBatchSize: '6', monAckOption: 'explicit' }),
    });
    expect([answer.status, answer.text]).toEqual([
      200,
      expect.stringContaining('<message>1 items updated</message>'),
    ]);
    const [item] = (await found(`condition=monId='${id}'`)).items;
    expect(item).toMatchObject({ monTopic: 'Event', monBatchSize: '6', monStatus: 'SUSPENDED' });
    // What was read can be sent back as it is.
    expect((await ws('PUT', 'Monitor', { body: xmlOf(item ?? {}) })).status).toBe(200);
    const wrong = await ws('PUT', `Monitor/${id}`, { body: xmlOf({ monTopic: 'Foo' }) });
    expect([wrong.status, wrong.text]).toEqual([
      400,
      expect.stringContaining('PUT Monitor error. Invalid request. Invalid monTopic'),
    ]);
  });

  test('deletes it; then it is gone', async () => {
    const id = await made({ monTopic: 'Event' });
    const answer = await ws('DELETE', `Monitor/${id}`);
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('1 items deleted')]);
    for (const method of ['GET', 'DELETE']) expect((await ws(method, `Monitor/${id}`)).status).toBe(404);
    expect((await ws('PUT', `Monitor/${id}`, { body: xmlOf({ monTopic: 'Event' }) })).status).toBe(404);
  });

  test.each(['0', '99999999999', 'abc', '-1', '1e3', '2147483648'])('there is no monitor %s', async (id) => {
    expect((await ws('GET', `Monitor/${id}`)).status).toBe(404);
  });
});

describe('who calls', () => {
  test('nobody is asked for HTTP Basic', async () => {
    const response = await fetch(`${service.url}/ws/DeviceCore?size=1`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(await response.text()).toContain('<result><error>GET DeviceCore error.');
  });

  test('a cookie is nobody, and a page of another site is refused', async () => {
    expect((await service.fetch('/ws/Monitor')).status).toBe(401);
    const headers = { origin: 'https://evil.example' };
    expect((await ws('POST', 'Monitor', { body: xmlOf({ monTopic: 'Event' }), headers })).status).toBe(403);
  });

  test('sees nothing of others, as an admin neither', async () => {
    const account = { email: 'member@example.org', password: 'a longer password' };
    await service.call('POST', '/api/users', { body: account, status: 201 });
    const other = await newToken({}, { cookie: await signIn(service.url, account), origin: service.url });
    const headers = { authorization: basic(account.email, other) };
    const id = await made({ monTopic: 'Event' });
    for (const method of ['GET', 'DELETE'])
      expect((await ws(method, `Monitor/${id}`, { headers })).status).toBe(404);
    const theirs = await ws('POST', 'Monitor', { body: xmlOf({ monTopic: 'DeviceCore/9' }), headers });
    expect(theirs.status).toBe(201);
    expect(await where("monTopic='DeviceCore/9'")).toEqual([]);
  });

  test('a token with a list of rights is refused; a standard one is not', async () => {
    const acl = await newToken({ access: { kind: 'acl', acl: [{ uri: 'gw/channels', methods: ['GET'] }] } });
    expect((await ws('GET', 'Monitor', { headers: { authorization: basic(ADMIN.email, acl) } })).status).toBe(
      403,
    );
    const standard = await newToken({ access: { kind: 'standard' } });
    expect(
      (await ws('GET', 'Monitor', { headers: { authorization: basic(ADMIN.email, standard) } })).status,
    ).toBe(200);
    expect(
      (await ws('GET', 'Monitor', { headers: { authorization: basic('x@example.org', standard) } })).status,
    ).toBe(401);
  });
});
