import { lookup } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '#core/errors.js';
import { isPrivate } from '#core/private-addresses.js';

interface GateOptions {
  /** The only place it leads to. */
  host: string;
  port: number;
  allowPrivate: boolean;
  /** More than that coming in ends the connection. */
  maxBytes: number;
}

/** A way out for a program that cannot be trusted with addresses. */
export interface Gate {
  /** A proxy for HTTPS (`CONNECT`), on this machine's loopback. */
  url: string;
  /** Why it refused, in words for the user; undefined when it did not. */
  refusal(): string | undefined;
  close(): void;
}

/**
 * Opens a proxy that leads to one host and port alone. The address it connects to is the one it checks, so that a name
 * which answers with another address the second time leads nowhere private.
 */
export async function openGate(options: GateOptions): Promise<Gate> {
  let refusal: string | undefined;
  const sockets = new Set<Duplex>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, client: Duplex) => {
    sockets.add(client);
    client.on('error', () => undefined).on('close', () => sockets.delete(client));
    passThrough(options, request.url ?? '', client).catch((error: unknown) => {
      refusal = messageOf(error);
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusal: () => refusal,
    close: () => closeAll(server, sockets),
  };
}

async function passThrough({ host, port, allowPrivate, maxBytes }: GateOptions, to: string, client: Duplex) {
  const bare = host.replace(/^\[|\]$/g, '');
  if (to !== `${host}:${port}` && to !== `${bare}:${port}`)
    throw new Error(`it leads to ${to}, and not to ${host}`);
  const address = await allowedAddress(bare, allowPrivate);
  await new Promise<void>((resolve, reject) => {
    const upstream = connect({ host: address, port });
    let bytes = 0;
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) upstream.destroy(new Error(`it is larger than ${maxBytes / 1024 / 1024} MiB`));
      });
      upstream.pipe(client);
      client.pipe(upstream);
    });
    upstream.once('error', reject).once('close', resolve);
    client.once('close', () => upstream.destroy());
  });
}

/** @throws Error naming the host when it has no address, or a private one */
async function allowedAddress(host: string, allowPrivate: boolean): Promise<string> {
  const addresses = await lookup(host, { all: true }).catch(() => []);
  const first = addresses[0];
  if (first === undefined)
    throw new Error(`there is no host ${host}: check its name, and this machine’s connection`);
  if (addresses.some(({ address }) => isPrivate(address)) && !allowPrivate)
    throw new Error(`${host} is a private address; set ALLOW_PRIVATE_URLS=true to allow those`);
  return first.address;
}

function closeAll(server: Server, sockets: Set<Duplex>): void {
  server.close();
  for (const socket of sockets) socket.destroy();
}
