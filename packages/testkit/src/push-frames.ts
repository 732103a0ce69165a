/** What a client of push monitors sends, taken apart by hand: independent of the codec that is tested with it. */
export interface PushRequest {
  version: number;
  username: string;
  password: string;
  monitorId: number;
}

export interface PushAcknowledgement {
  blockId: number;
  status: number;
  /** Without the length field. */
  short: boolean;
}

/** A block to be sent; JSON, not packed, one event, where nothing else is said. */
export interface PushBlock {
  blockId: number;
  payload: string | Uint8Array;
  count?: number;
  /** 0 none, 1 zlib. */
  compression?: number;
  /** 0 XML, 1 JSON. */
  format?: number;
}

export function responseFrame(status: number): Buffer {
  const frame = Buffer.from('00020000000400000001', 'hex');
  frame.writeUInt16BE(status, 6);
  return frame;
}

export function blockFrame({ blockId, payload, count = 1, compression = 0, format = 1 }: PushBlock): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(16);
  head.writeUInt16BE(3, 0);
  head.writeUInt32BE(10 + body.length, 2);
  head.writeUInt16BE(blockId, 6);
  head.writeUInt16BE(count, 8);
  head.writeUInt8(compression, 10);
  head.writeUInt8(format, 11);
  head.writeUInt32BE(body.length, 12);
  return Buffer.concat([head, body]);
}

/** @returns the request at the beginning of these bytes, once it is whole */
export function takeRequest(bytes: Buffer): { request: PushRequest; size: number } | undefined {
  if (bytes.length < 6 || bytes.length < 6 + bytes.readUInt32BE(2)) return undefined;
  const nameEnd = 10 + bytes.readUInt16BE(8);
  const passwordEnd = nameEnd + 2 + bytes.readUInt16BE(nameEnd);
  const request = {
    version: bytes.readUInt16BE(6),
    username: bytes.toString('utf8', 10, nameEnd),
    password: bytes.toString('utf8', nameEnd + 2, passwordEnd),
    monitorId: bytes.readUInt32BE(passwordEnd),
  };
  return { request, size: 6 + bytes.readUInt32BE(2) };
}

/** @returns the acknowledgement at the beginning of these bytes, once it is whole */
export function takeAcknowledgement(
  bytes: Buffer,
): { acknowledgement: PushAcknowledgement; size: number } | undefined {
  if (bytes.length < 6) return undefined;
  const short = bytes.readUInt32BE(2) !== 4;
  const at = short ? 2 : 6;
  if (bytes.length < at + 4) return undefined;
  return {
    acknowledgement: { blockId: bytes.readUInt16BE(at), status: bytes.readUInt16BE(at + 2), short },
    size: at + 4,
  };
}
