// reflect-metadata must be there before @peculiar/x509 is loaded.
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';
import { Aedes } from 'aedes';
import { type TestAuthority, testAuthority } from './test-authority.js';

export interface TestBroker {
  host: '127.0.0.1';
  port: number;
  authority: TestAuthority;
  /** The broker itself: publish, subscribe and authorise from a test. */
  aedes: Aedes;
  /** Drops every connection without a word, as a failing network does. */
  dropAll(): void;
  /** Stops listening and drops everybody; `listen` on the same port again. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** A real broker that asks for client certificates (PGC section 2.6), on a free port of the loopback interface. */
export const mutualTlsBroker = async (): Promise<TestBroker> => {
  const authority = await testAuthority();
  const own = await authority.issue('localhost', { dns: ['localhost'], ip: ['127.0.0.1'] });
  const aedes = await Aedes.createBroker();
  const server = createServer({
    ca: authority.caCert,
    cert: own.cert,
    key: own.key,
    requestCert: true,
    rejectUnauthorized: true,
    // Small packets in both directions: Nagle’s algorithm would hold each for the other side’s delayed ACK.
    noDelay: true,
  });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    aedes.handle(socket);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const pause = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      dropAll();
    });

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    host: '127.0.0.1',
    port,
    authority,
    aedes,
    dropAll,
    pause,
    resume: () => listen(port),
    close: async () => {
      if (server.listening) await pause();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
};
