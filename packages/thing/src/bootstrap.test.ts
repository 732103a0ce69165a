import { writeFile } from 'node:fs/promises';
import { testAuthority } from '@polyrelay/testkit';
import { expect, test } from 'vitest';
import { useThing } from './testing/setup.js';

const parts = useThing();

test('tries everything and says so; the service sees the publish on flashlex/test', async () => {
  const { place, service } = parts;
  const published: unknown[] = [];
  service.broker.aedes.on('publish', ({ topic, payload }, client) => {
    if (client) published.push([client.id, topic, JSON.parse(payload.toString())]);
  });
  const { code, out } = await place.run(['bootstrap']);
  expect(out.replace(/[0-9a-f-]{36}/, '<id>').split('\n')).toEqual([
    `✓ ${place.path('config.yml')} and keys of ${service.name}`,
    expect.stringMatching(/^✓ certificate is valid until \d{4}-/),
    `✓ 127.0.0.1:${service.port} answers, and the clock is right`,
    `✓ broker 127.0.0.1:${service.broker.port} took the certificate of ${service.name}`,
    '✓ published on flashlex/test',
    `✓ heard itself on pubsub/${service.name}`,
    '✓ collected message <id>',
    `${service.name} is ready: node thing.mjs run`,
    '',
  ]);
  expect(code).toBe(0);
  expect(published[0]).toEqual([
    service.name,
    'flashlex/test',
    { thingId: service.id, thingName: service.name, message: 'bootstrap', sequence: 0 },
  ]);
  expect([...service.stored.values()]).toEqual([{ bootstrap: true, thingName: service.name }]);
});

test('a wrong clock: by how much, and it works all the same', async () => {
  parts.service.clockMs = 3 * 3_600_000;
  const { code, out } = await parts.place.run(['bootstrap']);
  expect(out).toMatch(/✓ .* answers\. The clock is 3 hours behind the service: .*set it \(timedatectl/);
  expect(code).toBe(0);
});

test('ports that nothing listens at', async () => {
  await parts.service.goOffline();
  await parts.service.broker.pause();
  const { code, out } = await parts.place.run(['bootstrap']);
  expect(code).toBe(1);
  expect(out).toMatch(/✗ broker 127\.0\.0\.1:\d+: Nothing listens at .* right in config\.yml and open/);
  expect(out).toMatch(/✗ collect: Nothing listens at .*The message waits on disk/);
});

test('a CA that is not the service’s', async () => {
  await writeFile(parts.place.path('root-ca-cert.pem'), (await testAuthority()).caCert);
  const { code, out } = await parts.place.run(['bootstrap']);
  expect(code).toBe(1);
  expect(out).toMatch(
    /✗ broker .* of a CA that root-ca-cert\.pem does not hold\. Download the distribution again/,
  );
  expect(out).toMatch(/✗ service: .* of a CA that root-ca-cert\.pem does not hold/);
});

test('a certificate that the broker refuses, and a key that is not the service’s', async () => {
  const { place } = parts;
  const { cert, key } = await (await testAuthority()).issue('thing', { rsa: true });
  await writeFile(place.path('thing-certificate.pem'), cert);
  const mixed = await place.run(['bootstrap']);
  expect(mixed.code).toBe(78);
  expect(mixed.out).toMatch(/✗ .*thing-certificate\.pem and .*thing-private\.pem do not belong together/);
  await writeFile(place.path('thing-private.pem'), key);
  const { code, out } = await place.run(['bootstrap']);
  expect(code).toBe(1);
  expect(out).toMatch(
    /✗ broker .* closed the connection at once\. Was the thing disabled or deleted, or were its keys rotated\?/,
  );
  expect(out).toMatch(/✗ collect: JWSSignatureVerificationFailed.*The message waits on disk/);
});

test('a thing that is disabled', async () => {
  const { service, place } = parts;
  service.broker.aedes.authenticate = (_client, _name, _password, done) =>
    done(Object.assign(new Error('no'), { returnCode: 5 as never }), false);
  service.fault = () => ({ status: 401, body: { messages: [{ value: 'This thing is disabled.' }] } });
  const { code, out } = await place.run(['bootstrap']);
  expect(code).toBe(1);
  expect(out).toMatch(/✗ broker .* refused this thing\. Was the thing disabled or deleted/);
  expect(out).toMatch(/✗ collect: This thing is disabled\./);
});
