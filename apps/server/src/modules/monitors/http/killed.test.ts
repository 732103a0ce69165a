import type { Monitor } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { HttpReceiver } from '../../../testing/http-receiver.js';
import { lastingPlace, startService, type TestService } from '../../../testing/service.js';
import { startSource } from '../../../testing/source-process.js';

/** A whole process, loaded from source: long on a busy machine. */
const PATIENCE_MS = 120_000;

const emit = async ({ app }: TestService, ...topics: string[]): Promise<void> => {
  const { id: ownerId } = await app.database.prisma.user.findFirstOrThrow();
  await app.events.sql(async (_client, record) => {
    for (const topic of topics) record({ topic, operation: 'UPDATE', ownerId });
  });
};

test(
  'the block of a service that was killed comes again as it was, and what follows in order',
  async () => {
    const place = await lastingPlace();
    const receiver = await HttpReceiver.start();
    receiver.answer = () => undefined;
    const env = { ...place.env, ALLOW_PRIVATE_URLS: 'true' };

    const before = await startService(env);
    await before.call<Monitor>('POST', '/api/monitors', {
      status: 201,
      body: {
        topic: 'Event/facts',
        transportType: 'http',
        transportUrl: receiver.url,
        batchSize: 2,
        batchDuration: 0,
        responseTimeout: 60_000,
      },
    });
    await emit(before, 'facts/1', 'facts/2', 'facts/3');
    await receiver.until(1);
    await before.close();

    const ports = { PORT: '0', HOST: '127.0.0.1', MQTT_PORT: '0', PUSH_PORT: '0', PUSH_TLS_PORT: '0' };
    const killed = startSource(new URL('../../../main.ts', import.meta.url), { ...ports, ...env });
    await receiver.until(2);
    killed.child.kill('SIGKILL');
    await killed.ended;

    receiver.answer = () => 200;
    const after = await startService(env);
    await emit(after, 'facts/4');
    // Its session is dead when it was not seen for a minute.
    await after.app.database.pool.query(
      "UPDATE monitor_sessions SET seen_at = now() - interval '61 seconds'",
    );
    await after.app.monitors.http.look();
    const requests = await receiver.when((all) => all.at(-1)?.text.includes('facts/4') === true);
    const [first, second, third, ...rest] = requests;
    for (const again of [second, third]) {
      expect(again?.body.equals(first?.body as Buffer)).toBe(true);
      expect(again?.headers['x-polyrelay-block']).toBe(first?.headers['x-polyrelay-block']);
    }
    expect(requests.slice(0, 3).map(({ headers }) => headers['x-polyrelay-attempt'])).toEqual([
      '1',
      '2',
      '3',
    ]);
    const facts = [third, ...rest].flatMap((request) => request?.text.match(/\/facts\/\d/g) ?? []);
    expect(facts).toEqual(['/facts/1', '/facts/2', '/facts/3', '/facts/4']);

    await after.close();
    await receiver.close();
    await place.remove();
  },
  PATIENCE_MS,
);
