import type { Server } from 'node:net';
import { codeOf, DomainError, messageOf } from '#core/errors.js';

interface Listening {
  host: string;
  /** 0: the system gives one. */
  port: number;
  /** What is listened for, such as `MQTT`. */
  what: string;
  /** The setting that names the port. */
  setting: string;
}

/** Begins to listen. @throws unavailable `portTaken`, with the setting to change */
export function listen(server: Server, { host, port, what, setting }: Listening): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message =
        codeOf(cause) === 'EADDRINUSE'
          ? `Port ${port} (${what}) is taken by another program. End it, or set ${setting} to a free port.`
          : `${what} cannot be listened for on ${host}:${port}: ${messageOf(cause)}. See ${setting}.`;
      reject(new DomainError('unavailable', 'portTaken', message, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

/** Ends listening; resolves when every connection has ended. */
export async function stopListening(server: Server | undefined): Promise<void> {
  if (server?.listening) await new Promise<void>((closed) => server.close(() => closed()));
}

/** The port that is really listened on. */
export function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
