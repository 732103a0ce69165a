import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectUser, listen, type MqttUser, newUser } from '../../../testing/mqtt-users.js';
import { startService, type TestService } from '../../../testing/service.js';

let service: TestService;
let anna: MqttUser;
let berta: MqttUser;
beforeAll(async () => {
  service = await startService();
  [anna, berta] = [await newUser(service), await newUser(service)];
});
afterAll(() => service.close());

const topic = (id: number, field: string): string => `flespi/state/gw/channels/${id}/${field}`;

describe('the state of a channel', () => {
  test('is there for who subscribes late, retained, and of one’s own channels alone', async () => {
    const { id } = await service.app.channels.create(anna.principal, { name: 'a “garden”', messagesTtl: 60 });
    await service.app.channels.create(berta.principal, { name: 'hers' });
    const client = await connectUser(service, anna.token);
    const at = listen(client);
    await client.subscribeAsync('flespi/state/gw/channels/#', { qos: 1 });
    await at.until(5);
    expect(Object.fromEntries(at.heard.map((message) => [message.topic, message.text]))).toEqual({
      [topic(id, 'name')]: '"a “garden”"',
      [topic(id, 'enabled')]: 'true',
      [topic(id, 'messages_ttl')]: '60',
      [topic(id, 'protocol_name')]: '"http"',
      [topic(id, 'messages_size')]: '0',
    });
    expect(at.heard.every(({ retain, qos }) => retain && qos === 1)).toBe(true);
    await client.endAsync();
  });

  test('comes when it changes, once more when the channel is deleted, and is nobody else’s', async () => {
    const client = await connectUser(service, anna.token);
    const at = listen(client);
    await client.subscribeAsync('flespi/state/gw/channels/+/name', { qos: 1 });
    await at.until(1);
    const stranger = await connectUser(service, berta.token);
    const atStranger = listen(stranger);
    await stranger.subscribeAsync('flespi/state/gw/channels/+/name', { qos: 1 });
    await atStranger.until(1);

    const made = await service.app.channels.create(anna.principal, { name: 'new one' });
    await at.until(2);
    expect(at.heard[1]).toEqual({ topic: topic(made.id, 'name'), text: '"new one"', qos: 1, retain: false });
    await service.app.events.transaction(async (tx, record) => {
      await tx.channel.update({ where: { id: made.id }, data: { name: 'renamed' } });
      record({
        topic: `channels/${made.id}`,
        operation: 'UPDATE',
        ownerId: anna.user.id,
        payload: { name: 'renamed' },
      });
    });
    await at.until(3);
    expect(at.heard[2]).toMatchObject({ topic: topic(made.id, 'name'), text: '"renamed"' });
    await service.app.events.transaction(async (tx, record) => {
      await tx.channel.delete({ where: { id: made.id } });
      record({ topic: `channels/${made.id}`, operation: 'DELETION', ownerId: anna.user.id, payload: {} });
    });
    await at.until(4);
    expect(at.heard[3]).toMatchObject({ topic: topic(made.id, 'name'), text: '' });
    expect(atStranger.heard).toHaveLength(1);
    await Promise.all([client.endAsync(), stranger.endAsync()]);
  });
});
