import { encodePublishMessage } from '@polyrelay/codecs/push';
import type { Block, MonitorRecord } from './ports.js';

interface Made {
  blockId: number;
  count: number;
  frame: Buffer;
}

/**
 * The frame made last of a payload, which is of one format. Monitors that are sent the same share its payload, and those that keep step the
 * whole frame: neither is copied for each of them.
 */
const made = new WeakMap<Buffer, Made>();

/** A block as one frame, for one write. */
export function frameOf(
  { blockId, count, payload }: Block,
  { formatType: format, compression }: Pick<MonitorRecord, 'formatType' | 'compression'>,
): Buffer {
  const last = made.get(payload);
  if (last?.blockId === blockId && last.count === count) return last.frame;
  const { buffer } = encodePublishMessage({ blockId, count, compression, format, payload });
  const frame = Buffer.from(buffer);
  made.set(payload, { blockId, count, frame });
  return frame;
}
