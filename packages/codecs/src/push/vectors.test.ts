import { pushFrameVectors } from '@polyrelay/testkit';
import { describe, expect, it } from 'vitest';
import {
  encodeConnectionRequest,
  encodeConnectionResponse,
  encodePublishMessage,
  encodePublishMessageReceived,
  FrameReader,
  type PushFrame,
} from './index.js';

const vectors = pushFrameVectors();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const request = encodeConnectionRequest({ username: 'a', password: 'b', monitorId: 1 });

/** The last frame of a stream. */
function read(end: 'server' | 'client', ...frames: (Uint8Array | string)[]): PushFrame | undefined {
  const read: PushFrame[] = [];
  const reader = new FrameReader(end, (frame) => read.push(frame));
  for (const frame of frames) reader.push(typeof frame === 'string' ? Buffer.from(frame, 'hex') : frame);
  reader.end();
  return read.length === frames.length ? read.at(-1) : undefined;
}

describe('frames of the documentation and the published clients', () => {
  it.each(vectors.connectionRequest)('request of $username', ({ hex: bytes, ...request }) => {
    expect(hex(encodeConnectionRequest(request))).toBe(bytes);
    expect(read('server', bytes)).toEqual({ type: 'connectionRequest', ...request });
  });

  it.each(vectors.connectionResponse)('response $status', ({ hex: bytes, ...response }) => {
    expect(hex(encodeConnectionResponse(response.status))).toBe(bytes);
    expect(read('client', bytes)).toEqual({ type: 'connectionResponse', ...response });
  });

  it.each(vectors.publishMessage)('block $blockId', ({ hex: bytes, payload, ...message }) => {
    const block = { ...message, payload: Buffer.from(payload) };
    expect(hex(encodePublishMessage(block))).toBe(bytes);
    expect(read('client', encodeConnectionResponse(200), bytes)).toEqual({
      type: 'publishMessage',
      ...block,
    });
  });

  it.each(vectors.publishMessageReceived)('acknowledgement, $form', ({ form, hex: bytes, ...received }) => {
    if (form.startsWith('documented')) expect(hex(encodePublishMessageReceived(received))).toBe(bytes);
    expect(read('server', request, bytes)).toEqual({ type: 'publishMessageReceived', ...received });
  });
});
