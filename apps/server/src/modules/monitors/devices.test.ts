import type { MonitorDevice, Thing } from '@polyrelay/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signIn, startService, type TestService } from '../../testing/service.js';

const MEMBER = { email: 'member@example.org', password: 'member member', role: 'member' };

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const path = (id: string | number): string => `/api/monitors/devices/${id}`;

test('a thing is found by its id and by its number, which stays the same; nobody else finds it', async () => {
  const thing = await service.call<Thing>('POST', '/api/things', { body: { name: 'roof' }, status: 201 });
  const device = await service.call<MonitorDevice>('GET', path(thing.id));
  expect(device).toEqual({
    id: thing.id,
    kind: 'thing',
    name: thing.name,
    deviceId: expect.any(Number),
  });
  expect(await service.call('GET', path(device.deviceId))).toEqual(device);

  await service.call('POST', '/api/users', { body: MEMBER, status: 201 });
  const headers = { cookie: await signIn(service.url, MEMBER), origin: service.url };
  await service.call('GET', path(thing.id), { headers, status: 404 });
  await service.call('GET', path(device.deviceId), { headers, status: 404 });
});

test('what is no device is not found, and what is no id is refused', async () => {
  await service.call('GET', path('0a1b2c3d-4e5f-4a6b-8c7d-8e9fa0b1c2d3'), { status: 404 });
  await service.call('GET', path(999_999_999), { status: 404 });
  await service.call('GET', path('roof'), { status: 400 });
  await service.call('GET', path('1'.repeat(30)), { status: 400 });
});
