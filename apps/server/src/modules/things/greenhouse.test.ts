import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, MonitorPage, Thing, ThingPage } from '@polyrelay/contract';
import {
  type Call,
  type Greenhouse,
  setUpChannel,
  setUpGreenhouse,
  setUpMonitors,
  startGreenhouse,
} from '@polyrelay/demo';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ADMIN, startService, type TestService } from '../../testing/service.js';

/** The demo's thing: set up by the API, its own process out of the downloaded distribution. */
let service: TestService;
let folder: string;
let greenhouse: Greenhouse | undefined;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pr-greenhouse-'));
});
afterEach(async () => {
  await greenhouse?.close();
  greenhouse = undefined;
  await rm(folder, { recursive: true });
});

const call: Call = async (method, path, body) => {
  const answer = await service.fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
};

/** As clients of monitors sign in. */
const asProgram = {
  authorization: `Basic ${Buffer.from(`${ADMIN.email}:${ADMIN.password}`).toString('base64')}`,
};

const things = async () => (await service.call<ThingPage>('GET', '/api/things')).items;

/** Resolves once the greenhouse has sent such a message, since a moment. */
async function collected(
  id: string,
  fits: (payload: Record<string, unknown>) => boolean,
  since = new Date(0),
): Promise<void> {
  const list = `/api/things/${id}/messages?type=egress&from=${since.toISOString()}`;
  await expect
    .poll(
      async () => {
        const { items } = await service.call<{ items: Message[] }>('GET', list);
        const whole = await Promise.all(
          items.map((item) => service.call<Message>('GET', `/api/things/${id}/messages/${item.id}`)),
        );
        return whole.some(({ payload }) => fits(payload as Record<string, unknown>));
      },
      { timeout: 20_000 },
    )
    .toBe(true);
}

test('feeds the demo’s channel, which is made once', async () => {
  const id = await setUpChannel(call);
  expect(await setUpChannel(call)).toBe(id);
  greenhouse = startGreenhouse(await setUpGreenhouse(call, folder), 0.2);
  const read = () =>
    service.call<{ result: Record<string, unknown>[] }>(
      'GET',
      // What the bootstrap sends is a message, too.
      `/gw/channels/${id}/messages?data={"curr_key":0,"timeout":10,"filter":"exists(target)"}`,
    );
  expect((await read()).result[0]).toMatchObject({
    ident: expect.stringMatching(/-greenhouse$/),
    temperature: expect.any(Number),
    target: 22,
  });
});

test('fills the demo’s monitors, which are made once', async () => {
  await setUpMonitors(call);
  await setUpMonitors(call);
  greenhouse = startGreenhouse(await setUpGreenhouse(call, folder), 0.2);
  const monitors = async () => (await service.call<MonitorPage>('GET', '/api/monitors')).items;
  // Readings wait for whoever receives the first; the other is asked.
  await expect
    .poll(async () => (await monitors())[0], { timeout: 20_000 })
    .toMatchObject({ status: 'SUSPENDED', lag: { events: expect.toSatisfy((events) => events > 2) } });
  const [, polled, ...more] = await monitors();
  expect(more).toEqual([]);
  const { authorization } = asProgram;
  const answer = await fetch(`${service.url}/ws/v1/monitors/history/${polled?.id}`, {
    headers: { authorization },
  });
  expect(await answer.json()).toMatchObject({
    list: expect.arrayContaining([
      expect.objectContaining({ DeviceCore: expect.objectContaining({ dpConnectionStatus: 1 }) }),
    ]),
  });
});

test('is created once, verified, sends readings, and does what a message says', async () => {
  greenhouse = startGreenhouse(await setUpGreenhouse(call, folder), 0.2);
  const [summary] = await things();
  const { id } = summary as Thing;
  await collected(id, ({ temperature, humidity }) => Number(temperature) < 25 && Number(humidity) > 50);
  await expect.poll(async () => (await things())[0]).toMatchObject({ status: 'verified', connected: true });
  const send = (body: unknown) => service.call('POST', `/api/things/${id}/messages`, { body, status: 201 });
  await send({ payload: { set: 35 } });
  await collected(id, ({ temperature, target }) => target === 35 && Number(temperature) > 30);
  await send({ text: '{"set": 6}' });
  await collected(id, ({ target, temperature }) => target === 6 && Number(temperature) < 10);
  await send({ payload: 'hello' });
  await collected(id, ({ error, got }) => String(error).includes('{"set": 21}') && got === 'hello');

  await greenhouse.close();
  const restarted = new Date();
  greenhouse = startGreenhouse(await setUpGreenhouse(call, folder), 0.2);
  expect(await things()).toHaveLength(1);
  await collected(id, ({ target }) => target === 22, restarted);

  // The next start makes another one in place of one that was deleted.
  await service.call('DELETE', `/api/things/${id}`, { status: 204 });
  await greenhouse.close();
  greenhouse = startGreenhouse(await setUpGreenhouse(call, folder), 0.2);
  const [another] = await things();
  expect(another?.id).not.toBe(id);
  await collected(another?.id ?? '', ({ temperature }) => Number(temperature) > 0);
});
