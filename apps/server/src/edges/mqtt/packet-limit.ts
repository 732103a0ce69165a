import type { Client } from 'aedes';
import { MAX_PAYLOAD_BYTES } from './types.js';

/** Before sign-in a client may make the broker hold no more than this. */
const BEFORE_SIGN_IN_BYTES = 64 * 1024;

/**
 * A packet may be larger than a payload that is accepted, so that a worker with a too large message is told so in
 * its log and keeps its connection; past this the connection ends.
 */
const AFTER_SIGN_IN_BYTES = 4 * MAX_PAYLOAD_BYTES;

/** The parser inside an aedes client: `packet.length` is the announced length once the header was read. */
interface InnerParser {
  _parser: { parse(chunk: Buffer): number; packet?: { length?: number } };
  connected: boolean;
}

/**
 * Bounds what a connection can make the broker buffer. aedes has no limit of its own (200 MiB were taken before
 * CONNECT), so its parser is watched: a packet that announces too much ends the connection.
 */
export function limitPackets(client: Client): void {
  const inner = client as unknown as InnerParser;
  const parser = inner._parser;
  const parse = parser.parse.bind(parser);
  parser.parse = (chunk) => {
    const left = parse(chunk);
    const limit = inner.connected ? AFTER_SIGN_IN_BYTES : BEFORE_SIGN_IN_BYTES;
    if ((parser.packet?.length ?? 0) > limit) {
      client.conn.destroy(
        new Error(`a packet of ${parser.packet?.length} bytes was announced; the limit is ${limit}`),
      );
    }
    return left;
  };
}
