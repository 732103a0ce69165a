import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf } from '@polyrelay/essentials';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ReceiverError } from '../errors.js';
import type { Receiver } from '../receiver.js';

/** Serves what the receiver does at `/metrics`, on this computer alone. @throws ReceiverError `USAGE` */
export async function serveMetrics(receiver: Receiver, port: number): Promise<Server> {
  const registry = collect(receiver);
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end('Metrics are at /metrics\n');
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
  });
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    throw new ReceiverError('USAGE', `--metrics-port ${port}: ${reasonOf(error)}`);
  }
  // The process ends when the receiver does.
  server.unref();
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function collect(receiver: Receiver): Registry {
  const registry = new Registry();
  const registers = [registry];
  registry.setDefaultLabels({ channel: String(receiver.settings.channel) });
  const messages = new Counter({
    name: 'receiver_messages_total',
    help: 'Messages that all handlers have taken',
    registers,
  });
  const currKey = new Gauge({ name: 'receiver_curr_key', help: 'Key the next batch begins at', registers });
  const lag = new Gauge({
    name: 'receiver_lag_messages',
    help: 'Messages that wait in the channel',
    registers,
  });
  const batches = new Histogram({
    name: 'receiver_batch_seconds',
    help: 'From handing a batch out to the saved cursor',
    registers,
  });
  const handlers = new Histogram({
    name: 'receiver_handler_seconds',
    help: 'Attempts of handlers',
    labelNames: ['handler', 'outcome'],
    registers,
  });
  const unavailable = new Counter({
    name: 'receiver_read_failures_total',
    help: 'Reads that failed and were tried again',
    registers,
  });
  receiver.on('read', (batch) => {
    messages.inc(batch.count);
    currKey.set(batch.currKey);
    if (batch.lag !== undefined) lag.set(batch.lag);
    if (batch.count > 0) batches.observe(batch.seconds);
  });
  receiver.on('attempt', ({ handler, seconds, failure }) =>
    handlers.observe({ handler, outcome: failure === undefined ? 'success' : 'failure' }, seconds),
  );
  receiver.on('unavailable', () => unavailable.inc());
  return registry;
}
