import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectUser, type MqttUser, newUser } from '../../../testing/mqtt-users.js';
import { startService, type TestService } from '../../../testing/service.js';

let service: TestService;
let anna: MqttUser;
let berta: MqttUser;
beforeAll(async () => {
  service = await startService();
  [anna, berta] = [await newUser(service), await newUser(service)];
});
afterAll(() => service.close());

const make = (of: MqttUser, topic: string | null = null) =>
  service.app.channels.create(of.principal, { name: 'a channel', topic });

async function stored(id: number): Promise<string[]> {
  const channel = await service.app.channels.refs.byId(id);
  if (channel === undefined) throw new Error('no such channel');
  const { messages } = await service.app.channels.read(channel, {
    from: 0,
    limitCount: 10_000,
    limitSize: 1e8,
  });
  return messages.map(({ json }) => json);
}

const message = (n: number): string => `{"ident": "a", "timestamp": ${n}}`;

const refusals = (of: MqttUser) =>
  service.app.database.prisma.auditEntry.findMany({
    where: { actor: of.user.email, action: 'message.refused' },
    orderBy: { id: 'asc' },
  });

describe('what is published on the topic of a channel', () => {
  test('is stored when it is acknowledged, an object or a list, in every channel of that topic and that owner', async () => {
    const channels = [await make(anna, 'garden/in'), await make(anna, 'garden/in')];
    const [other, foreign] = [await make(anna, 'garden/out'), await make(berta, 'garden/in')];
    const client = await connectUser(service, anna.token);
    await client.publishAsync('garden/in', message(1), { qos: 1 });
    await client.publishAsync('garden/in', `[${message(2)},${message(3)}]`, { qos: 1 });
    for (const { id } of channels) expect(await stored(id)).toEqual([1, 2, 3].map(message));
    for (const { id } of [other, foreign]) expect(await stored(id)).toEqual([]);
    await client.endAsync();
  });

  test('keeps its order when much comes at once', async () => {
    const [one, two] = [await make(anna, 'much'), await make(anna, 'much')];
    const client = await connectUser(service, anna.token);
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => client.publishAsync('much', message(i), { qos: 1 })),
    );
    const expected = Array.from({ length: 500 }, (_, i) => message(i));
    expect(await stored(one.id)).toEqual(expected);
    expect(await stored(two.id)).toEqual(expected);
    await client.endAsync();
  });

  test('that is refused is acknowledged and said in the audit log; what comes with it is stored', async () => {
    const { id } = await make(anna, 'strict');
    const client = await connectUser(service, anna.token);
    await Promise.all(
      ['no json', message(1), '{"ident":"a/b","timestamp":1}', message(2)].map((payload) =>
        client.publishAsync('strict', payload, { qos: 1 }),
      ),
    );
    expect(await stored(id)).toEqual([message(1), message(2)]);
    expect(await refusals(anna)).toMatchObject([
      {
        target: 'strict',
        detail: { code: 'notJson', topic: 'strict', why: expect.stringContaining('JSON') },
      },
    ]);
    await client.endAsync();
  });

  test('reaches a channel by its id, whatever its topic is, but nobody else’s and none that is disabled', async () => {
    const [own, foreign] = [await make(anna), await make(berta)];
    const client = await connectUser(service, anna.token);
    for (const { id } of [own, foreign])
      await client.publishAsync(`polyrelay/channels/${id}`, message(1), { qos: 1 });
    expect(await stored(own.id)).toEqual([message(1)]);
    expect(await stored(foreign.id)).toEqual([]);
    await service.app.database.prisma.channel.update({ where: { id: own.id }, data: { enabled: false } });
    service.app.channels.refs.forget(own.id);
    await client.publishAsync(`polyrelay/channels/${own.id}`, message(2), { qos: 1 });
    expect(await stored(own.id)).toEqual([message(1)]);
    const codes = (await refusals(anna)).map(({ target, detail }) => [
      target,
      (detail as { code?: string }).code,
    ]);
    expect(codes).toContainEqual([`polyrelay/channels/${foreign.id}`, 'notFound']);
    expect(codes).toContainEqual([`polyrelay/channels/${own.id}`, 'channelDisabled']);
    await client.endAsync();
  });
});
