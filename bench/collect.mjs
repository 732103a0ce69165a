// Messages of things: collected over HTTP, the token verified and the message committed, against a bare Fastify route
// that inserts the same row in batches. And over MQTT at QoS 1.
import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import pg from 'pg';
import { openAuthority } from '../apps/server/dist/core/pki/authority.js';
import { median, rate, report } from './lib/figures.mjs';
import { startService } from './lib/service.mjs';

const SECONDS = 4;
const ROUNDS = 3;
const CONNECTIONS = 64;
const MESSAGE = JSON.stringify({
  thingId: 'greenhouse',
  temperature: 21.375,
  humidity: 0.62,
  note: 'all is well with the tomatoes',
  at: '2026-11-21T18:00:00.000Z',
});

/** Posts over many connections, one request on each at a time. @returns answers a second */
async function load(port, path, authorization = '') {
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${authorization}content-length: ${MESSAGE.length}\r\n\r\n${MESSAGE}`,
  );
  const until = performance.now() + SECONDS * 1000;
  const begun = performance.now();
  let answers = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      while (performance.now() < until) {
        socket.write(request);
        const [answer] = await once(socket, 'data');
        if (!answer.toString('latin1', 0, 12).endsWith('200')) throw new Error(answer.toString());
        answers++;
      }
      socket.destroy();
    }),
  );
  return (answers / (performance.now() - begun)) * 1000;
}

/** Publishes at QoS 1, some at a time. @returns acknowledgements a second */
async function publish(client) {
  const until = performance.now() + SECONDS * 1000;
  const begun = performance.now();
  let answers = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < until) {
        await client.publishAsync('flashlex/collect', MESSAGE, { qos: 1 });
        answers++;
      }
    }),
  );
  return (answers / (performance.now() - begun)) * 1000;
}

/** A token as the published SDK makes it. */
function tokenOf(id, privateKey) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: `urn:thing:${id}`,
    aud: `urn:flashlex:${id}`,
    iat: now,
    nbf: now - 360,
    exp: now + 360,
  };
  const head = `${part({ alg: 'RS256', typ: 'JWT', kid: id })}.${part(claims)}`;
  return `${head}.${sign('sha256', Buffer.from(head), privateKey).toString('base64url')}`;
}

/** A thing with keys that the bench has: those the service made leave it in the distribution alone. */
async function makeThing(service, pool) {
  const thing = await service.call('POST', '/api/things', { name: 'bench' });
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const authority = await openAuthority(service.dataDir);
  const certificate = await authority.certifyClient(thing.name, publicKey);
  const certificateId = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
  await pool.query('UPDATE things SET public_key = $2, certificate = $3, certificate_id = $4 WHERE id = $1', [
    thing.id,
    publicKey,
    certificate,
    certificateId,
  ]);
  return { ...thing, privateKey, certificate, ca: authority.caPem };
}

const service = await startService();
const pool = new pg.Pool({ host: service.socket, user: 'polyrelay', database: 'postgres', max: 1 });
const thing = await makeThing(service, pool);
const path = `/v1/things/${thing.id}/collect`;
// A 401 says that the route is there.
const hasRoute = (await fetch(service.url + path, { method: 'POST' })).status !== 404;
if (hasRoute) await overHttp();
else report('messages collected over HTTP: the service has no such route', '', '', false);
await overMqtt();
await pool.end();
await service.stop();

async function overHttp() {
  const bench = fileURLToPath(new URL('lib/bare-collect.mjs', import.meta.url));
  const bare = spawn(process.execPath, [bench, service.socket, thing.id], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const barePort = Number(String((await once(bare.stdout, 'data'))[0]));
    const port = Number(new URL(service.url).port);
    const token = `authorization: Bearer ${tokenOf(thing.id, thing.privateKey)}\r\n`;
    // Code that runs for the first time, statements that are planned for the first time.
    await load(port, path, token);
    await load(barePort, '/collect');
    const rates = { ours: [], bare: [] };
    for (let round = 0; round < ROUNDS; round++) {
      rates.ours.push(await load(port, path, token));
      rates.bare.push(await load(barePort, '/collect'));
    }
    const ratio = median(rates.ours) / median(rates.bare);
    report(
      'messages collected over HTTP, token verified, committed',
      `${rate(median(rates.ours))} / ${rate(median(rates.bare))} = ${(ratio * 100).toFixed(0)} %`,
      '≥ 50 % of a bare Fastify route',
      ratio >= 0.5,
    );
  } finally {
    bare.kill('SIGTERM');
  }
}

async function overMqtt() {
  const client = await mqtt.connectAsync({
    protocol: 'mqtts',
    host: '127.0.0.1',
    port: service.mqttPort,
    clientId: thing.name,
    ca: thing.ca,
    cert: thing.certificate,
    key: thing.privateKey,
  });
  await publish(client);
  report('messages collected from one thing over MQTT, QoS 1', rate(await publish(client)), '');
  await client.endAsync();
}
