import { setTimeout as wait } from 'node:timers/promises';
import type { Monitor, MonitorRequest, Problem } from '@polyrelay/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HttpReceiver, isSigned, type Received } from '../../../testing/http-receiver.js';
import { lastingPlace, startService, type TestService } from '../../../testing/service.js';

const PRIVATE = { ALLOW_PRIVATE_URLS: 'true' };

let receiver: HttpReceiver;
beforeEach(async () => {
  receiver = await HttpReceiver.start();
});
afterEach(() => receiver.close());

/** A monitor of the facts that {@link emit} records, sent one at a time. */
const make = (service: TestService, given: Partial<MonitorRequest> = {}): Promise<Monitor> =>
  service.call<Monitor>('POST', '/api/monitors', {
    status: 201,
    body: {
      topic: 'Event/facts',
      transportType: 'http',
      transportUrl: receiver.url,
      batchSize: 1,
      batchDuration: 0,
      ...given,
    },
  });

const show = (service: TestService, { id }: Monitor): Promise<Monitor> =>
  service.call<Monitor>('GET', `/api/monitors/${id}`);

/** Records numbered facts of the admin in one transaction. */
async function emit(service: TestService, ...numbers: number[]): Promise<void> {
  const { id: ownerId } = await service.app.database.prisma.user.findFirstOrThrow();
  await service.app.events.sql(async (_client, record) => {
    for (const n of numbers) record({ topic: `facts/${n}`, operation: 'UPDATE', ownerId, payload: { n } });
  });
}

interface Message {
  topic: string;
}

/** Numbers of the facts in a request. */
function numbersOf({ text }: Received): number[] {
  const { Msg } = (JSON.parse(text) as { Document: { Msg: Message | Message[] } }).Document;
  return [Msg].flat().map(({ topic }) => Number(topic.split('/').at(-1)));
}

const blockOf = ({ headers }: Received): number => Number(headers['x-polyrelay-block']);
const attemptOf = ({ headers }: Received): number => Number(headers['x-polyrelay-attempt']);

/** Resolves with the next event of a monitor that tells of a status; to be called before. */
function nextStatus(service: TestService, id: number, status: string): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    const end = service.app.events.on(`monitors/${id}`, ({ payload }) => {
      if (payload.status !== status) return;
      end();
      resolve(payload);
    });
  });
}

/** Makes the pauses between tries short. */
const quickly = (service: TestService, firstMs = 5): void => {
  Object.assign(service.app.monitors.http.pace, { firstMs, longestMs: 4 * firstMs });
};

describe('a monitor', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService(PRIVATE);
  });
  beforeEach(() => quickly(service));
  afterAll(() => service.close());
  const monitors: Monitor[] = [];
  const made = async (given: Partial<MonitorRequest> = {}): Promise<Monitor> => {
    const monitor = await make(service, given);
    monitors.push(monitor);
    return monitor;
  };
  afterEach(async () => {
    for (const { id } of monitors.splice(0))
      await service.call('DELETE', `/api/monitors/${id}`, { status: 204 });
  });

  test('is CONNECTING until its server took something, then ACTIVE; what it sends is signed', async () => {
    const monitor = await made({ transportHeaders: { 'X-Source': 'north' }, transportToken: 'anna:word' });
    expect(monitor).toMatchObject({ status: 'CONNECTING', statusReason: null });
    const active = nextStatus(service, monitor.id, 'ACTIVE');
    await emit(service, 1, 2);
    const requests = await receiver.until(2);
    expect(requests.map(numbersOf)).toEqual([[1], [2]]);
    expect(requests.map(blockOf)).toEqual([1, 2]);
    for (const request of requests) expect(isSigned(request, monitor.signingSecret ?? '')).toBe(true);
    expect(requests[0]?.headers).toMatchObject({
      'x-source': 'north',
      authorization: `Basic ${Buffer.from('anna:word').toString('base64')}`,
    });
    expect(await active).toEqual({ status: 'ACTIVE', statusReason: null });
    const shown = await show(service, monitor);
    expect(shown).toMatchObject({ status: 'ACTIVE', statusReason: null });
    expect(shown.lastSent).not.toBeNull();
    expect(shown.lastConnect).not.toBeNull();
  });

  test('sends batches, deflated, and made by a template', async () => {
    await made({ batchSize: 3, batchDuration: 60, compression: 'zlib', formatType: 'xml' });
    await emit(service, 1, 2, 3);
    const [batch] = await receiver.until(1);
    expect(batch?.headers).toMatchObject({
      'content-encoding': 'deflate',
      'content-type': 'text/xml; charset=utf-8',
    });
    expect(batch?.text.match(/<topic>[^<]*facts\/\d<\/topic>/g)).toHaveLength(3);
    await made({ schemaType: 'handlebars', schemaData: 'n={{#each events}}{{topic}};{{/each}}' });
    await emit(service, 4);
    const templated = (await receiver.until(2)).at(-1);
    expect(templated?.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(templated?.text).toMatch(/^n=.*facts\/4;$/);
  });

  test('tries again while its server is down, says why, and goes on in order', async () => {
    await receiver.close();
    const monitor = await made();
    const failing = nextStatus(service, monitor.id, 'CONNECTING');
    await emit(service, 1, 2, 3);
    expect(await failing).toMatchObject({
      statusReason: expect.stringContaining('Nothing takes connections'),
    });
    expect(await show(service, monitor)).toMatchObject({
      status: 'CONNECTING',
      statusReason: expect.stringContaining(receiver.host),
    });
    const active = nextStatus(service, monitor.id, 'ACTIVE');
    await receiver.listen();
    const requests = await receiver.until(3);
    expect(requests.map(numbersOf)).toEqual([[1], [2], [3]]);
    expect(attemptOf(requests[0] as Received)).toBeGreaterThan(1);
    expect(attemptOf(requests[1] as Received)).toBe(1);
    await active;
    expect(await show(service, monitor)).toMatchObject({ status: 'ACTIVE', statusReason: null });
  });

  test('sends each of 1,000 events once and in order to a server that fails at random', async () => {
    quickly(service, 1);
    const random = sequence(7);
    const taken: { block: number; numbers: number[] }[] = [];
    receiver.answer = (received) => {
      const luck = random();
      // It may have worked although it says that it has not: then the block comes again with the same number.
      if (luck > 0.2) taken.push({ block: blockOf(received), numbers: numbersOf(received) });
      if (luck > 0.5) return 200;
      if (luck > 0.45) receiver.drop();
      return luck > 0.45 ? undefined : 500;
    };
    await made({ batchSize: 10, batchDuration: 0 });
    const all = Array.from({ length: 1000 }, (_, i) => i);
    for (let i = 0; i < 1000; i += 50) await emit(service, ...all.slice(i, i + 50));
    await receiver.when(() => taken.at(-1)?.numbers.at(-1) === 999);
    const bodies = new Map<number, string>();
    const kept: number[] = [];
    let last = 0;
    for (const { block, numbers } of taken) {
      // The same number is the same block.
      expect(bodies.get(block) ?? String(numbers)).toBe(String(numbers));
      bodies.set(block, String(numbers));
      if (block <= last) continue;
      last = block;
      kept.push(...numbers);
    }
    expect(kept).toEqual(all);
    expect(taken.length).toBeGreaterThan(bodies.size);
  });

  test('waits for nobody: a server that does not answer holds only its own events', async () => {
    const slow = await HttpReceiver.start();
    slow.answer = () => undefined;
    await made({ transportUrl: slow.url, responseTimeout: 60_000 });
    await made();
    await emit(service, 1, 2, 3, 4, 5);
    expect((await receiver.until(5)).map(numbersOf)).toEqual([[1], [2], [3], [4], [5]]);
    await slow.until(1);
    expect(slow.requests).toHaveLength(1);
    await slow.close();
  });

  test('is not tried before a server wants it that asks for a pause', async () => {
    let refused = 0;
    receiver.answer = (_received, number) => {
      if (number > 0) return 200;
      refused = performance.now();
      return { status: 503, headers: { 'retry-after': '1' } };
    };
    await made();
    await emit(service, 1);
    await receiver.until(2);
    expect(performance.now() - refused).toBeGreaterThan(950);
  });

  test('keeps no session while it waits long, and is tried at once when it is changed', async () => {
    quickly(service, 60_000);
    receiver.answer = (_received, number) => (number === 0 ? 500 : 200);
    const monitor = await made();
    await emit(service, 1);
    await receiver.until(1);
    await until(() => service.app.monitors.http.waiting === 1);
    expect(service.app.monitors.http.running).toBe(0);
    // Another look finds nothing that is free.
    await service.app.monitors.http.look();
    expect(receiver.requests).toHaveLength(1);
    await service.call('PATCH', `/api/monitors/${monitor.id}`, { body: { description: 'again' } });
    const requests = await receiver.until(2);
    expect(requests.map(numbersOf)).toEqual([[1], [1]]);
    await emit(service, 2);
    await receiver.until(3);
  });

  test('is disabled 24 hours after it began to fail; a change starts it with what happens then', async () => {
    receiver.answer = () => 500;
    const monitor = await made();
    const failing = nextStatus(service, monitor.id, 'CONNECTING');
    await emit(service, 1);
    await failing;
    const disabled = nextStatus(service, monitor.id, 'DISABLED');
    await service.app.database.pool.query(
      `UPDATE monitor_progress SET failing_since = now() - interval '24 hours' WHERE monitor_id = $1`,
      [monitor.id],
    );
    expect(await disabled).toMatchObject({ statusReason: expect.stringContaining('answered 500') });
    expect(await show(service, monitor)).toMatchObject({ status: 'DISABLED' });
    await until(() => service.app.monitors.http.running === 0);
    const before = receiver.requests.length;
    await emit(service, 2);
    await service.app.monitors.http.look();
    expect(receiver.requests).toHaveLength(before);
    receiver.answer = () => 200;
    await service.call('PATCH', `/api/monitors/${monitor.id}`, { body: {} });
    expect(await show(service, monitor)).toMatchObject({ status: 'CONNECTING', statusReason: null });
    await emit(service, 3);
    await receiver.until(before + 1);
    expect(receiver.requests.slice(before).map(numbersOf)).toEqual([[3]]);
  });

  test('sends to its new address after a change, and nothing after it was deleted', async () => {
    const monitor = await made();
    await emit(service, 1);
    await receiver.until(1);
    const other = await HttpReceiver.start();
    await service.call('PATCH', `/api/monitors/${monitor.id}`, { body: { transportUrl: other.url } });
    await emit(service, 2);
    expect((await other.until(1)).map(numbersOf)).toEqual([[2]]);
    await service.call('DELETE', `/api/monitors/${monitor.id}`, { status: 204 });
    monitors.length = 0;
    const witness = await made();
    await emit(service, 3);
    await receiver.until(2);
    expect(other.requests).toHaveLength(1);
    expect(witness.id).not.toBe(monitor.id);
    await other.close();
  });

  test.each([
    ['transportUrl', { transportUrl: 'ftp://example.org/' }],
    ['transportUrl', { transportUrl: 'https://anna:word@example.org/' }],
    ['transportHeaders.Host', { transportHeaders: { Host: 'example.org' } }],
  ])('with a wrong %s is refused', async (path, given) => {
    const problem = await service.call<Problem>('POST', '/api/monitors', {
      status: 400,
      body: { topic: 'Event', transportType: 'http', transportUrl: receiver.url, ...given },
    });
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });
});

test('private addresses are refused, also by name and in a change, unless they are allowed', async () => {
  const service = await startService();
  const body = { topic: 'Event', transportType: 'http' };
  for (const transportUrl of [
    'http://127.0.0.1/',
    'http://localhost:9/',
    'http://169.254.169.254/',
    'http://[::1]/',
  ]) {
    const problem = await service.call<Problem>('POST', '/api/monitors', {
      status: 400,
      body: { ...body, transportUrl },
    });
    expect(problem.errors?.[0]).toMatchObject({
      path: 'transportUrl',
      message: expect.stringContaining('ALLOW_PRIVATE_URLS'),
    });
  }
  const monitor = await make(service, { transportUrl: 'https://8.8.8.8/' });
  await service.call('PATCH', `/api/monitors/${monitor.id}`, {
    status: 400,
    body: { transportUrl: 'http://localhost/' },
  });
  // A name that led elsewhere when it was checked: the connection is refused.
  await service.app.database.pool.query('UPDATE monitors SET transport_url = $1', [receiver.url]);
  const failing = nextStatus(service, monitor.id, 'CONNECTING');
  await service.call('PATCH', `/api/monitors/${monitor.id}`, { status: 400, body: { description: 'x' } });
  await service.app.events.sql(async (client, record) => {
    await client.query('DELETE FROM monitor_sessions');
    record({
      topic: `monitors/${monitor.id}`,
      operation: 'UPDATE',
      ownerId: monitor.ownerId,
      payload: { changed: [] },
    });
  });
  await emit(service, 1);
  expect(await failing).toMatchObject({ statusReason: expect.stringContaining('private network') });
  expect(receiver.requests).toHaveLength(0);
  await service.close();
});

describe('with several replicas', () => {
  test('one sends; when it ends the other goes on, with the block that was out', async () => {
    const place = await lastingPlace();
    const one = await startService({ ...place.env, ...PRIVATE });
    const two = await startService({ ...place.env, ...PRIVATE });
    for (const service of [one, two]) quickly(service);
    await make(one);
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    for (const n of numbers) await emit(n % 2 === 0 ? one : two, n);
    await receiver.until(40);
    expect(receiver.requests.flatMap(numbersOf)).toEqual(numbers);
    expect(one.app.monitors.http.running + two.app.monitors.http.running).toBe(1);
    const [sending, other] = one.app.monitors.http.running === 1 ? [one, two] : [two, one];
    receiver.answer = (_received, number) => (number === 40 ? undefined : 200);
    await emit(other, 40);
    await receiver.until(41);
    await sending.close();
    await other.app.monitors.http.look();
    await emit(other, 41);
    const requests = await receiver.until(43);
    expect(requests.slice(40).map(numbersOf)).toEqual([[40], [40], [41]]);
    expect(requests[41]?.body.equals(requests[40]?.body as Buffer)).toBe(true);
    expect(blockOf(requests[41] as Received)).toBe(blockOf(requests[40] as Received));
    expect(attemptOf(requests[41] as Received)).toBe(2);
    await other.close();
    await place.remove();
  });
});

/** Looks again and again, at what tells nobody when it is so. */
async function until(wanted: () => boolean): Promise<void> {
  while (!wanted()) await wait(2);
}

/** Numbers from 0 to 1 that are always the same. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
