import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a test database that can be cut: for the service it is then as if the database were away. */
export interface DatabaseLink {
  /** For DATABASE_URL. */
  url: string;
  cut(): Promise<void>;
  restore(): Promise<void>;
}

/** Leads from a free TCP port to the socket of the test database `url`. */
export async function linkTo(url: string): Promise<DatabaseLink> {
  const { pathname, searchParams } = new URL(url);
  const target = `${searchParams.get('host')}/.s.PGSQL.5432`;
  const sockets = new Set<Socket>();
  let server: Server;
  const listen = async (port: number): Promise<number> => {
    server = createServer((near) => {
      const far = connect(target);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from);
        from
          .on('error', () => undefined)
          .on('close', () => {
            sockets.delete(from);
            to.destroy();
          });
        from.pipe(to);
      }
    });
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  return {
    url: `postgresql://polyrelay@127.0.0.1:${port}${pathname}`,
    cut: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    restore: async () => {
      await listen(port);
    },
  };
}
