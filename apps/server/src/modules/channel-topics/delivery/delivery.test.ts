import { setTimeout as delay } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectUser, listen, type MqttUser, newToken, newUser } from '../../../testing/mqtt-users.js';
import { lastingPlace, startService, type TestService } from '../../../testing/service.js';

let service: TestService;
let anna: MqttUser;
let berta: MqttUser;
beforeAll(async () => {
  service = await startService();
  anna = await newUser(service);
  berta = await newUser(service);
});
afterAll(() => service.close());

const make = (of: MqttUser, at = service) => at.app.channels.create(of.principal, { name: 'a channel' });

/** Adds messages numbered from `from` on, as one list. */
async function add(
  id: number,
  from: number,
  count: number,
  options: { ident?: string; at?: TestService } = {},
) {
  const { ident = 'car', at = service } = options;
  const { channels } = at.app;
  const channel = await channels.refs.byId(id);
  if (channel === undefined) throw new Error('no such channel');
  const list = Array.from(
    { length: count },
    (_, i) => `{"ident":"${ident}","timestamp":1.50, "n":${from + i}}`,
  );
  await channels.append(channel, channels.parse(`[${list.join(',')}]`));
}

const numbers = (heard: { text: string }[]): number[] => heard.map(({ text }) => JSON.parse(text).n);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('messages of a channel', () => {
  test('arrive as the text they came as, in the order of their keys, at the quality that was subscribed', async () => {
    const { id } = await make(anna);
    const [sure, quick] = [await connectUser(service, anna.token), await connectUser(service, anna.token)];
    const [atSure, atQuick] = [listen(sure), listen(quick)];
    await sure.subscribeAsync(`flespi/message/gw/channels/${id}/+`, { qos: 1 });
    await quick.subscribeAsync(`flespi/message/gw/channels/${id}/#`, { qos: 0 });
    for (let i = 0; i < 1000; i += 100) await add(id, i, 100);
    await Promise.all([atSure.until(1000), atQuick.until(1000)]);
    expect(atSure.heard[0]).toEqual({
      topic: `flespi/message/gw/channels/${id}/car`,
      text: '{"ident":"car","timestamp":1.50, "n":0}',
      qos: 1,
      retain: false,
    });
    expect(numbers(atSure.heard)).toEqual(range(0, 1000));
    expect(numbers(atQuick.heard)).toEqual(range(0, 1000));
    expect(new Set(atQuick.heard.map(({ qos }) => qos))).toEqual(new Set([0]));
    await Promise.all([sure.endAsync(), quick.endAsync()]);
  });

  test('are one’s own alone, whatever is subscribed, also those of channels that come later', async () => {
    const [mine, hers] = [await make(anna), await make(berta)];
    const client = await connectUser(service, anna.token);
    const at = listen(client);
    for (const filter of ['+/+', '#', '+/car', `${hers.id}/+`, `${mine.id}/bus`])
      await client.subscribeAsync(`flespi/message/gw/channels/${filter}`, { qos: 1 });
    const later = await make(anna);
    await add(hers.id, 0, 3);
    await add(mine.id, 10, 2);
    await add(mine.id, 20, 1, { ident: 'bus' });
    await add(later.id, 30, 2);
    await at.until(5);
    await add(mine.id, 40, 1);
    await at.until(6);
    // Overlapping filters give one copy.
    expect(numbers(at.heard).toSorted((a, b) => a - b)).toEqual([10, 11, 20, 30, 31, 40]);
    await client.endAsync();
  });

  test('stop with the subscription', async () => {
    const [one, other] = [await make(anna), await make(anna)];
    const client = await connectUser(service, anna.token);
    const at = listen(client);
    await client.subscribeAsync(
      [1, 2].map((n) => `flespi/message/gw/channels/${n === 1 ? one.id : other.id}/+`),
    );
    await client.unsubscribeAsync(`flespi/message/gw/channels/${one.id}/+`);
    await add(one.id, 0, 1);
    await add(other.id, 1, 1);
    await at.until(1);
    expect(numbers(at.heard)).toEqual([1]);
    await client.endAsync();
  });

  test('reach a token with a list of rights as far as the list goes', async () => {
    const owner = await newUser(service);
    const [open, closed] = [await make(owner), await make(owner)];
    const { token } = await newToken(service, owner.user, owner.cookie, {
      kind: 'acl',
      acl: [{ uri: 'gw/channels/messages', methods: ['GET'], ids: [open.id] }],
    });
    const client = await connectUser(service, token);
    const at = listen(client);
    expect(await refused(client, 'flespi/message/gw/channels/+/+')).toBe(false);
    for (const filter of [`flespi/message/gw/channels/${closed.id}/+`, 'custom/x'])
      expect(await refused(client, filter), filter).toBe(true);
    await client.publishAsync(`polyrelay/channels/${open.id}`, '{"ident":"a","timestamp":1}', { qos: 1 });
    await add(closed.id, 0, 1);
    await add(open.id, 1, 1);
    await at.until(1);
    expect(numbers(at.heard)).toEqual([1]);
    await client.endAsync();
  });

  test('reach everybody else at once while one subscriber takes nothing', async () => {
    const { id } = await make(anna);
    const [slow, quick] = [await connectUser(service, anna.token), await connectUser(service, anna.token)];
    const at = listen(quick);
    const filter = `flespi/message/gw/channels/${id}/+`;
    await Promise.all([slow, quick].map((client) => client.subscribeAsync(filter, { qos: 1 })));
    slow.stream.pause();
    const ident = 'x'.repeat(200);
    for (let i = 0; i < 5000; i += 500) await add(id, i, 500, { ident });
    await at.until(5000);
    expect(numbers(at.heard)).toEqual(range(0, 5000));
    // It is only slow: it keeps its connection, and gets everything later.
    const atSlow = listen(slow);
    slow.stream.resume();
    await atSlow.until(5000);
    expect(numbers(atSlow.heard)).toEqual(range(0, 5000));
    await Promise.all([slow.endAsync(), quick.endAsync()]);
  });
});

async function refused(client: MqttClient, filter: string): Promise<boolean> {
  const [granted] = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [{ qos: 128 }]);
  return (granted?.qos ?? 128) === 128;
}

describe('a session that asked to be remembered', () => {
  const filter = (id: number | string): string => `flespi/message/gw/channels/${id}/+`;
  const session = (at: TestService, clientId: string, clean = false) =>
    connectUser(at, anna.token, { clean, clientId });

  test('goes on where it left off, with channels made meanwhile; a clean one forgets', async () => {
    const { id } = await make(anna);
    const first = await session(service, 's1');
    const atFirst = listen(first);
    await first.subscribeAsync(filter('+'), { qos: 1 });
    await add(id, 0, 50);
    await atFirst.until(50);
    await first.endAsync();
    await add(id, 50, 700);
    const later = await make(anna);
    await add(later.id, 1000, 3);

    const second = await session(service, 's1');
    const atSecond = listen(second);
    await second.subscribeAsync(filter('+'), { qos: 1 });
    await atSecond.until(703);
    const of = (channel: number) =>
      numbers(atSecond.heard.filter(({ topic }) => topic.includes(`/${channel}/`)));
    expect(of(id)).toEqual(range(50, 750));
    expect(of(later.id)).toEqual([1000, 1001, 1002]);
    await second.endAsync();

    const clean = await session(service, 's1', true);
    await clean.subscribeAsync(filter('+'), { qos: 1 });
    await clean.endAsync();
    await add(id, 750, 5);
    const third = await session(service, 's1');
    const atThird = listen(third);
    await third.subscribeAsync(filter(id), { qos: 1 });
    await delay(400);
    await add(id, 800, 1);
    await atThird.until(1);
    expect(numbers(atThird.heard)).toEqual([800]);
    await third.endAsync();
  });

  test('is given again what it did not acknowledge, and of several filters each its own', async () => {
    const { id } = await make(anna);
    const first = await session(service, 's2');
    for (const ident of ['a', 'b'])
      await first.subscribeAsync(`flespi/message/gw/channels/${id}/${ident}`, { qos: 1 });
    let taken = 0;
    // Acknowledges three, then is silent.
    const three = new Promise<void>((resolve) => {
      first.handleMessage = (_packet, done) => {
        if (taken < 3) done();
        else resolve();
        taken++;
      };
    });
    for (let i = 0; i < 10; i++) await add(id, i, 1, { ident: i % 2 === 0 ? 'a' : 'b' });
    await three;
    first.stream.destroy();
    const second = await session(service, 's2');
    const at = listen(second);
    for (const ident of ['a', 'b'])
      await second.subscribeAsync(`flespi/message/gw/channels/${id}/${ident}`, { qos: 1 });
    while (numbers(at.heard).at(-1) !== 9) await at.until(at.heard.length + 1);
    // The last acknowledgement may have been lost with the connection: at least once.
    expect([range(2, 10), range(3, 10)]).toContainEqual(numbers(at.heard));
    await second.endAsync();
  });

  test('outlives the service', async () => {
    const place = await lastingPlace();
    const before = await startService(place.env);
    const user = await newUser(before);
    const { id } = await make(user, before);
    const first = await connectUser(before, user.token, { clean: false, clientId: 's3' });
    const atFirst = listen(first);
    await first.subscribeAsync(filter(id), { qos: 1 });
    await add(id, 0, 5, { at: before });
    await atFirst.until(5);
    await before.close();
    const after = await startService(place.env);
    await add(id, 5, 5, { at: after });
    const second = await connectUser(after, user.token, { clean: false, clientId: 's3' });
    const atSecond = listen(second);
    await second.subscribeAsync(filter(id), { qos: 1 });
    await atSecond.until(5);
    expect(numbers(atSecond.heard.slice(-5))).toEqual(range(5, 10));
    await second.endAsync();
    await after.close();
    await place.remove();
  });
});
