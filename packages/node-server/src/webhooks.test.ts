import type { WireWebhook } from '@polyrelay/contract';
import { expect, test } from 'vitest';
import { harness, TestController } from './testing/harness.js';

const { prepare, run, broker } = harness();

const webhook = (id: string, rest: Partial<WireWebhook> = {}): { webhook: WireWebhook } => ({
  webhook: { id, method: 'POST', path: '', headers: {}, query: {}, body: '', ...rest },
});

test('nothing is announced without a handler; with one, on every connection', async () => {
  const { server, service } = await run();
  await service.waitFor('addnode');
  expect(service.seen('webhooks')).toEqual([]);
  server.onWebhook(() => undefined);
  await service.waitFor('webhooks');
  const from = service.mark();
  broker().dropAll();
  await service.waitFor('webhooks', undefined, { from });
  expect(() => server.onWebhook(() => undefined)).toThrow('There is one handler of webhooks');
});

test('the URL is known when the service tells it, and again when it was renewed', async () => {
  const { server, service } = await run();
  server.onWebhook(() => undefined);
  const urls: string[] = [];
  server.on('webhookUrl', (url) => urls.push(url));
  for (const url of ['https://relay/1', 'https://relay/1', 'https://relay/2'])
    await service.say({ webhooks: { url } });
  await expect.poll(() => server.webhookUrl).toBe('https://relay/2');
  expect(urls).toEqual(['https://relay/1', 'https://relay/2']);
});

test('what the handler returns is the answer', async () => {
  const { server, service } = await run();
  const answers: Record<string, () => unknown> = {
    nothing: () => undefined,
    text: () => 'thanks',
    bytes: () => Buffer.from([0xff]),
    json: () => ({ status: 201, headers: { 'x-a': 'b' }, body: { a: 1 } }),
    status: () => ({ status: 204 }),
    failure: () => {
      throw new Error('no');
    },
  };
  server.onWebhook(async ({ path }) => answers[path]?.() as undefined);
  for (const path of Object.keys(answers)) {
    await service.say(webhook(path, { path }));
    await service.waitFor('webhookResponse', ({ id }) => id === path);
  }
  expect(service.seen('webhookResponse')).toEqual([
    { id: 'nothing' },
    { id: 'text', body: 'thanks' },
    { id: 'bytes', body: '/w==', encoding: 'base64' },
    {
      id: 'json',
      status: 201,
      headers: { 'content-type': 'application/json', 'x-a': 'b' },
      body: '{"a":1}',
    },
    { id: 'status', status: 204, headers: {} },
    { id: 'failure', status: 500 },
  ]);
});

test('a handler gets the bytes as they were sent, and reads them as text or JSON', async () => {
  const { server, service } = await run();
  server.onWebhook((request) => ({
    body: {
      ...request,
      body: request.body.toString('hex'),
      text: request.text(),
      json: request.path === '/json' ? request.json() : null,
    },
  }));
  await service.say(webhook('1', { path: '/json', query: { a: ['1', '2'] }, body: '{"ü":1}' }));
  await service.say(webhook('2', { headers: { 'x-a': 'b' }, body: '/wA=', encoding: 'base64' }));
  const got = async (wanted: string): Promise<unknown> =>
    JSON.parse((await service.waitFor('webhookResponse', ({ id }) => id === wanted)).body ?? '');
  expect(await got('1')).toMatchObject({ method: 'POST', query: { a: ['1', '2'] }, json: { ü: 1 } });
  expect(await got('2')).toMatchObject({ headers: { 'x-a': 'b' }, body: 'ff00' });
});

test('webhooks wait until the controller’s start is through', async () => {
  const order: string[] = [];
  let go = (): void => undefined;
  class Slow extends TestController {
    override async start() {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      order.push('start');
    }
  }
  const { server, service, start } = await prepare({ controller: new Slow() });
  server.onWebhook(() => void order.push('webhook'));
  const started = start();
  await service.waitFor('addnode');
  await service.say(webhook('1'));
  const said = new Promise((resolve) => server.once('webhookUrl', resolve));
  await service.say({ webhooks: { url: 'https://relay/1' } });
  await said;
  expect(order).toEqual([]);
  go();
  await started;
  await service.waitFor('webhookResponse');
  expect(order).toEqual(['start', 'webhook']);
});
