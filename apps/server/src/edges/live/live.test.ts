import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Event } from '@polyrelay/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewEvent } from '../../core/events/types.js';
import { openLive } from '../../testing/live.js';
import { signIn, startService, type TestService } from '../../testing/service.js';

const MEMBER = { email: 'member@example.org', password: 'member member', role: 'member' };

let service: TestService;
let memberId: string;
let memberCookie: string;
beforeAll(async () => {
  service = await startService();
  ({ id: memberId } = await service.call<{ id: string }>('POST', '/api/users', {
    body: MEMBER,
    status: 201,
  }));
  memberCookie = await signIn(service.url, MEMBER);
});
afterAll(() => service.close());

const fact = (topic: string, extra: Partial<NewEvent> = {}): NewEvent => ({
  topic,
  operation: 'UPDATE',
  ownerId: null,
  ...extra,
});

const record = (...facts: NewEvent[]): Promise<void> =>
  service.app.events.transaction(async (_tx, put) => facts.forEach(put));

const topics = (frames: { data: { topic: string } }[]): string[] => frames.map(({ data }) => data.topic);

/** Every event of a topic, as the log has it. */
async function logged(topic: string): Promise<number[]> {
  const { items } = await service.call<{ items: Event[] }>(
    'GET',
    `/api/events?topic=${topic}&after=0&limit=1000`,
  );
  return items.map(({ id }) => Number(id));
}

describe('a live connection', () => {
  test('delivers what happens, whole, in order, in one frame each', async () => {
    const live = await openLive(service, { topics: 'whole/#' });
    const payload = { text: 'line\nbreak "ä" 👍', deep: { list: [1, null] } };
    await record(fact('whole/1', { operation: 'INSERTION', payload }), fact('whole/2'));
    await record(fact('whole/1', { operation: 'DELETION' }));
    const last = await live.waitFor(({ data }) => data.operation === 'DELETION');
    expect(live.frames.map(({ id, data }) => [id, data.topic, data.operation])).toEqual([
      [last.id - 2, 'whole/1', 'INSERTION'],
      [last.id - 1, 'whole/2', 'UPDATE'],
      [last.id, 'whole/1', 'DELETION'],
    ]);
    expect(live.frames[0]?.data).toMatchObject({ payload, at: expect.stringMatching(/^\d{4}-.*Z$/) });
    live.close();
  });

  test('says where it stands before anything happens: a browser that comes again misses nothing', async () => {
    const abort = new AbortController();
    const response = await service.fetch('/api/live?topics=quiet/%23', { signal: abort.signal });
    const reader = (response.body as ReadableStream<Uint8Array>)
      .pipeThrough(new TextDecoderStream())
      .getReader();
    let text = '';
    while (!/^id: \d+\n\n/m.test(text)) text += (await reader.read()).value ?? '';
    abort.abort();
    await record(fact('quiet/1'));
    const id = /^id: (\d+)$/m.exec(text)?.[1] ?? '';
    const again = await openLive(service, { topics: 'quiet/#' }, { 'last-event-id': id });
    await again.waitFor(({ data }) => data.topic === 'quiet/1');
    again.close();
  });

  test('delivers what its topics mean, and nothing else', async () => {
    const live = await openLive(service, { topics: 'nodeServers/+/notices/#, users/+' });
    await record(
      fact('nodeServers/1'),
      fact('nodeServers/1/notices/auth'),
      fact('users/1/x'),
      fact('users/1'),
    );
    await live.waitFor(({ data }) => data.topic === 'users/1');
    expect(topics(live.frames)).toEqual(['nodeServers/1/notices/auth', 'users/1']);
    live.close();
  });

  test('refuses what is no topic filter, and who is not signed in', async () => {
    expect((await service.fetch('/api/live?topics=a/%23/b')).status).toBe(400);
    expect((await fetch(`${service.url}/api/live`)).status).toBe(401);
  });

  test('shows a member what is theirs alone; an admin everything', async () => {
    const own = await openLive(service, { topics: 'mine/#' }, { cookie: memberCookie });
    const all = await openLive(service, { topics: 'mine/#' });
    await record(fact('mine/service'), fact('mine/own', { ownerId: memberId }));
    await record(fact('mine/other', { ownerId: '00000000-0000-4000-8000-000000000000' }));
    await record(fact('mine/end', { ownerId: memberId }));
    await Promise.all([own, all].map((live) => live.waitFor(({ data }) => data.topic === 'mine/end')));
    expect(topics(own.frames)).toEqual(['mine/own', 'mine/end']);
    expect(topics(all.frames)).toEqual(['mine/service', 'mine/own', 'mine/other', 'mine/end']);
    own.close();
    all.close();
  });

  test('ends in the service when the browser goes', async () => {
    const count = async (): Promise<string> =>
      /^polyrelay_live_connections (\d+)/m.exec(
        (await service.call<{ text: string }>('GET', '/metrics')).text,
      )?.[1] ?? '';
    while ((await count()) !== '0');
    const live = await openLive(service);
    expect(await count()).toBe('1');
    live.close();
    while ((await count()) !== '0');
  });
});

describe('resuming', () => {
  test('neither loses nor repeats an event while writing goes on', async () => {
    const TOTAL = 300;
    const writing = (async () => {
      for (let i = 0; i < TOTAL; i++) await record(fact(`resume/${i % 7}`, { payload: { i } }));
    })();
    // A browser whose connection breaks over and over, wherever it happens to be.
    const seen: number[] = [];
    let last = service.app.events.last;
    const before = last;
    for (let take = 1; seen.length < TOTAL; take++) {
      const live = await openLive(
        service,
        { topics: 'resume/#' },
        take % 2 === 0 ? { 'last-event-id': String(last) } : {},
      ).then(async (opened) => {
        if (take % 2 === 0) return opened;
        // The other way to say it, for clients that cannot set headers.
        opened.close();
        return openLive(service, { topics: 'resume/#', lastEventId: String(last) });
      });
      const wanted = Math.min(take * 3, TOTAL - seen.length);
      await live.waitFor(() => live.frames.length >= wanted);
      seen.push(...live.frames.map(({ id }) => id));
      last = seen.at(-1) ?? last;
      live.close();
    }
    await writing;
    expect(seen).toEqual((await logged('resume/%23')).filter((id) => id > before));
    expect(seen).toHaveLength(TOTAL);
  });

  test('what happens between reading the missed ones and going live is delivered too', async () => {
    await record(fact('between/1'), fact('between/2'));
    const after = (await logged('between/%23'))[0] ?? 0;
    const { pool } = service.app.database;
    const query = pool.query.bind(pool) as (...given: unknown[]) => Promise<unknown>;
    Object.assign(pool, {
      query: async (...given: unknown[]) => {
        const result = await query(...given);
        if (Array.isArray(given[1]) && given[1][0] === after) {
          Object.assign(pool, { query });
          const announced = new Promise<void>((resolve) => {
            service.app.events.on('between/3', () => resolve());
          });
          await record(fact('between/3'));
          await announced;
        }
        return result;
      },
    });
    const live = await openLive(service, { topics: 'between/#' }, { 'last-event-id': String(after) });
    await live.waitFor(({ data }) => data.topic === 'between/3');
    expect(topics(live.frames)).toEqual(['between/2', 'between/3']);
    live.close();
  });

  test('a browser that missed too much is told to load anew, and goes on from now', async () => {
    const after = service.app.events.last;
    const many = Array.from({ length: 5001 }, (_, i) => fact(`missed/${i}`));
    const announced = new Promise<void>((resolve) => {
      service.app.events.on('missed/5000', () => resolve());
    });
    await record(...many);
    await announced;
    const live = await openLive(service, { topics: 'missed/#' }, { 'last-event-id': String(after) });
    const reset = await live.waitFor(({ event }) => event === 'reset');
    expect(live.frames).toEqual([reset]);
    expect(reset.id).toBe(service.app.events.last);
    await record(fact('missed/next'));
    await live.waitFor(({ data }) => data.topic === 'missed/next');
    expect(live.frames).toHaveLength(2);
    live.close();
  });

  test.each([
    ['from another database, further on than this one', () => String(service.app.events.last + 1000)],
    ['of which the log has forgotten what followed', () => '0'],
  ])('an id %s leads to loading anew', async (_what, id) => {
    const { pool } = service.app.database;
    await pool.query('DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT 2)');
    const live = await openLive(service, {}, { 'last-event-id': id() });
    expect(await live.waitFor(({ event }) => event === 'reset')).toMatchObject({
      id: service.app.events.last,
    });
    live.close();
  });

  test('that fails ends the connection, so that the browser tries again', async () => {
    const { pool } = service.app.database;
    await pool.query('ALTER TABLE events RENAME TO events_away');
    try {
      const response = await service.fetch('/api/live', { headers: { 'last-event-id': '1' } });
      expect(await response.text()).toBe('retry: 1000\n\n');
    } finally {
      await pool.query('ALTER TABLE events_away RENAME TO events');
    }
  });
});

describe('a browser that does not keep up', () => {
  /** A reader of our own, which can stop reading. */
  async function slowReader(path: string): Promise<{ socket: Socket; read(): Promise<string> }> {
    const cookie = await signIn(service.url, service.app.config.admin ?? MEMBER);
    const socket = connect({ port: (service.app.server.address() as AddressInfo).port, host: '127.0.0.1' });
    socket.setEncoding('utf8').write(`GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    while (!text.includes('retry: 1000')) await once(socket, 'data');
    socket.pause();
    return {
      socket,
      read: async () => {
        socket.resume();
        while (!text.includes('slow/end')) await once(socket, 'data');
        // Chunk sizes of HTTP stand between the frames.
        return text.replaceAll(/\r\n[0-9a-f]+\r\n/g, '');
      },
    };
  }

  test('gets the newest value of each driver, every other event, and costs bounded memory', async () => {
    const ROUNDS = 300;
    const DRIVERS = 50;
    const answer = new Promise<ServerResponse>((resolve) => {
      service.app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        if (request.url?.startsWith('/api/live')) resolve(response);
      });
    });
    const { socket, read } = await slowReader('/api/live?topics=slow/%23');
    // Much more than the sockets between the two can hold.
    const padding = 'x'.repeat(1000);
    let greatest = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const values = Array.from({ length: DRIVERS }, (_, i) =>
        fact(`slow/nodes/n/drivers/GV${i}`, { payload: { value: round, padding } }),
      );
      await record(...values, fact(`slow/notices/${round}`, { operation: 'INSERTION' }));
      greatest = Math.max(greatest, (await answer).writableLength);
    }
    await record(fact('slow/end'));
    const text = await read();
    const frames = [...text.matchAll(/^id: (\d+)\ndata: (.*)$/gm)].map(([, id, data]) => ({
      id: Number(id),
      ...(JSON.parse(data ?? '') as { topic: string; payload: { value?: number } }),
    }));
    // 15 MB were recorded; what waits in the service is about half a MiB and one value a driver.
    expect(greatest).toBeLessThan(2 * 1024 * 1024);
    expect(frames.length).toBeLessThan((ROUNDS * DRIVERS) / 2);
    for (let i = 0; i < DRIVERS; i++) {
      const values = frames.filter(({ topic }) => topic === `slow/nodes/n/drivers/GV${i}`);
      expect(values.at(-1)?.payload.value).toBe(ROUNDS);
    }
    const notices = frames.filter(({ topic }) => topic.startsWith('slow/notices/'));
    expect(notices.map(({ topic }) => topic)).toEqual(
      Array.from({ length: ROUNDS }, (_, i) => `slow/notices/${i + 1}`),
    );
    // In order: whoever resumes at any of them misses nothing.
    expect(frames.map(({ id }) => id)).toEqual(frames.map(({ id }) => id).toSorted((a, b) => a - b));
    socket.destroy();
  });
});

describe('the event log', () => {
  const list = (query: string) =>
    service.call<{ items: Event[]; nextCursor: string | null }>('GET', `/api/events?${query}`);

  async function all(query: string): Promise<Event[]> {
    const items: Event[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await list(cursor === undefined ? query : `${query}&cursor=${cursor}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }

  test('pages newest first; onwards from an id, oldest first; each event once', async () => {
    const before = service.app.events.last;
    for (let i = 0; i < 5; i++)
      await record(...[0, 1, 2, 3, 4].map((k) => fact(`log/${k}`, { payload: { i } })));
    const backwards = await all('topic=log/%23&limit=4');
    const onwards = await all(`topic=log/%23&limit=4&after=${before}`);
    expect(onwards).toHaveLength(25);
    expect(backwards).toEqual(onwards.toReversed());
    expect(onwards.map(({ id }) => Number(id))).toEqual(
      onwards.map(({ id }) => Number(id)).toSorted((a, b) => a - b),
    );
    expect(onwards[0]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      topic: 'log/0',
      operation: 'UPDATE',
      group: '*',
      at: expect.any(String),
      payload: { i: 0 },
    });
    expect((await all('topic=log/3&limit=2')).map(({ topic }) => topic)).toEqual(Array(5).fill('log/3'));
  });

  test('shows a member what is theirs alone', async () => {
    await record(fact('whose/service'), fact('whose/member', { ownerId: memberId }));
    const { items } = await service.call<{ items: Event[] }>('GET', '/api/events?topic=whose/%23', {
      headers: { cookie: memberCookie },
    });
    expect(items.map(({ topic }) => topic)).toEqual(['whose/member']);
  });
});
