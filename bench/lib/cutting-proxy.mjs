// A proxy in front of a push port that can break off in the middle of a frame, and reads along where it is not TLS.
import { connect, createServer } from 'node:net';

/** Splits what a service sends into frames, whatever the pieces are. */
class Frames {
  #bytes = Buffer.alloc(0);
  #tell;

  constructor(tell) {
    this.#tell = tell;
  }

  push(piece) {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    while (this.#bytes.length >= 6) {
      const end = 6 + this.#bytes.readUInt32BE(2);
      if (this.#bytes.length < end) return;
      this.#tell(this.#bytes.readUInt16BE(0), this.#bytes.subarray(6, end));
      this.#bytes = this.#bytes.subarray(end);
    }
  }
}

/**
 * @param target port of the service
 * @param onBlock told of each block that went through whole: its id and its payload. Without TLS alone
 */
export async function startProxy(target, onBlock) {
  let cutNext = false;
  let cuts = 0;
  const pairs = new Set();
  const server = createServer((client) => {
    const service = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const pair = [client, service];
    const frames = new Frames((type, body) => {
      if (type === 3) onBlock?.(body.readUInt16BE(0), body.subarray(10));
    });
    pairs.add(pair);
    client.setNoDelay(true);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (piece) => service.write(piece));
    service.on('data', (piece) => {
      // The answer to the request and handshakes are let through.
      if (cutNext && piece.length > 64) {
        cutNext = false;
        cuts++;
        const part = piece.subarray(0, 1 + Math.floor(Math.random() * (piece.length - 1)));
        client.write(part, end);
        service.pause();
        return;
      }
      if (onBlock !== undefined) frames.push(piece);
      client.write(piece);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    /** Connections that are open and were answered. */
    get open() {
      return [...pairs].filter(([, service]) => service.bytesRead > 0).length;
    },
    get cuts() {
      return cuts;
    },
    /** Breaks off within the next piece that the service sends. */
    cut() {
      cutNext = true;
    },
    close() {
      server.close();
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}
