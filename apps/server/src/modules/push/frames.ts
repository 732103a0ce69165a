import { encodePublishMessage } from '@polyrelay/codecs/push';
import type { Block, MonitorRecord } from './ports.js';

interface Made {
  blockId: number;
  count: number;
  format: string;
  compression: string;
  frame: Uint8Array;
}

/**
 * The frame made last of a payload. Monitors that are sent the same share its payload, and those that keep step the
 * whole frame: neither is copied for each of them.
 */
const made = new WeakMap<Buffer, Made>();

/** A block as one frame, for one write. */
export function frameOf(
  { blockId, count, payload }: Block,
  { formatType: format, compression }: Pick<MonitorRecord, 'formatType' | 'compression'>,
): Uint8Array {
  const last = made.get(payload);
  if (
    last?.blockId === blockId &&
    last.count === count &&
    last.format === format &&
    last.compression === compression
  )
    return last.frame;
  const frame = encodePublishMessage({ blockId, count, compression, format, payload });
  made.set(payload, { blockId, count, format, compression, frame });
  return frame;
}
