import { afterAll, beforeAll, expect, test } from 'vitest';
import { newChannel } from '../../testing/channels.js';
import { createRule, untilMessages } from '../../testing/rules.js';
import { lastingPlace, startService } from '../../testing/service.js';
import { startSource } from '../../testing/source-process.js';
import { connectThing, createThing, thingFiles } from '../../testing/things.js';

/** A whole process, loaded from source: long on a busy machine. */
const PATIENCE_MS = 120_000;
const IN_FLIGHT = 100;

const MAIN = new URL('../../main.ts', import.meta.url);
let place: Awaited<ReturnType<typeof lastingPlace>>;

beforeAll(async () => {
  place = await lastingPlace();
});
afterAll(() => place.remove());

test(
  'a service that is killed in a storm adds each message once all the same, in the order they came in',
  async () => {
    const before = await startService(place.env);
    const channel = await newChannel(before);
    const thing = await createThing(before);
    const files = await thingFiles(before, thing);
    const rule = await createRule(before, channel.id, { source: { kind: 'things', things: 'all' } });
    await before.close();

    const settings = { PORT: '0', HOST: '127.0.0.1', MQTT_PORT: '0', PUSH_PORT: '0', PUSH_TLS_PORT: '0' };
    const killed = startSource(MAIN, { ...settings, ...place.env });
    const [, url] = await killed.printed(/ready at (http:\/\/[^\s"]+)/);
    const answer = await fetch(`${url}/api/health`);
    const health = (await answer.json()) as { broker: { detail: string } };
    const mqttPort = Number(/port (\d+)/.exec(health.broker.detail)?.[1]);
    const client = await connectThing({ ...before, mqttPort }, files);
    let [sent, acknowledged] = [0, 0];
    const publishing = Array.from({ length: IN_FLIGHT }, async () => {
      while (client.connected) {
        const payload = JSON.stringify({ n: sent++ });
        await client.publishAsync('flashlex/collect', payload, { qos: 1 });
        if (++acknowledged === 1000) killed.child.kill('SIGKILL');
      }
    });
    await killed.ended;
    client.end(true);
    await Promise.allSettled(publishing);

    const after = await startService(place.env);
    const { rows } = await after.app.database.pool.query<{ id: string }>(
      `SELECT split_part(topic, '/', 4) AS id FROM events WHERE topic LIKE 'things/%/messages/%' ORDER BY id`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(acknowledged);
    await after.app.messages.collect(thing, '{"n":"last"}');
    const messages = await untilMessages(after, channel.id, rows.length + 1);
    expect(messages.slice(0, -1).map((message) => message['message.id'])).toEqual(rows.map(({ id }) => id));
    expect(messages.at(-1)).toMatchObject({ n: 'last' });
    expect(await after.call('GET', `/api/channels/${channel.id}/rules/${rule.id}`)).toMatchObject({
      added: messages.length,
    });
    await after.close();
  },
  PATIENCE_MS,
);
