import { viewOf } from './bytes.js';
import { decodeConnectionRequest, REQUEST_BODY } from './connection-request.js';
import { decodeConnectionResponse, RESPONSE_BODY } from './connection-response.js';
import {
  FRAME_TYPES,
  type FrameName,
  HEADER_BYTES,
  MAX_PUSH_PAYLOAD_BYTES,
  type PushFrame,
  PushFrameError,
} from './format.js';
import { decodePublishMessage, MESSAGE_HEAD_BYTES } from './publish-message.js';
import { decodePublishMessageReceived, hasLength, RECEIVED_BODY } from './publish-message-received.js';

/** What each end is sent: this first, and that from then on. */
const ORDER = {
  server: ['connectionRequest', 'publishMessageReceived'],
  client: ['connectionResponse', 'publishMessage'],
} as const satisfies Record<string, readonly [FrameName, FrameName]>;

/** Least room that is taken for a frame that comes in pieces; more as it comes. */
const ROOM_BYTES = 64;

export interface FrameReaderOptions {
  /** A greater payload is an error before it is read. */
  maxPayloadBytes?: number;
}

/**
 * Frames out of a stream that comes in pieces, cut anywhere: first the one that signs in (or its answer), then those of
 * the events. Of a frame that is not whole it keeps what came of it, and never more than twice that. After an error
 * nobody knows where the next frame begins: every later call throws it again.
 */
export class FrameReader {
  readonly #onFrame: (frame: PushFrame) => void;
  readonly #maxPayloadBytes: number;
  readonly #order: readonly [FrameName, FrameName];
  #started = false;
  #held: Uint8Array | undefined;
  #count = 0;
  #error: PushFrameError | undefined;

  /**
   * @param end which end of the connection reads
   * @param onFrame gets each frame; a payload is a part of what came in, not copied
   */
  constructor(
    end: 'server' | 'client',
    onFrame: (frame: PushFrame) => void,
    { maxPayloadBytes = MAX_PUSH_PAYLOAD_BYTES }: FrameReaderOptions = {},
  ) {
    this.#order = ORDER[end];
    this.#onFrame = onFrame;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** Bytes of a frame that is not whole yet. */
  get pending(): number {
    return this.#count;
  }

  /**
   * Takes a piece and hands out every frame that is whole now.
   * @throws PushFrameError after the frames in front of the fault were handed out
   */
  push(piece: Uint8Array): void {
    if (this.#error !== undefined) throw this.#error;
    try {
      for (let rest = piece; rest.length > 0; ) rest = this.#step(rest);
    } catch (error) {
      if (error instanceof PushFrameError) this.#error = error;
      throw error;
    }
  }

  /** The stream has ended. @throws PushFrameError in the middle of a frame */
  end(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#count === 0) return;
    this.#error = new PushFrameError('cut', 'The stream ends in the middle of a frame');
    throw this.#error;
  }

  /** Takes one frame, or what there is of it. @returns what is left */
  #step(piece: Uint8Array): Uint8Array {
    if (this.#held === undefined) {
      const size = this.#sizeOf(piece);
      if (piece.length >= size) {
        this.#hand(piece.subarray(0, size));
        return piece.subarray(size);
      }
    }
    const head = this.#held?.subarray(0, this.#count) ?? piece;
    const part = piece.subarray(0, this.#sizeOf(head) - this.#count);
    this.#keep(part);
    this.#handWhole();
    return piece.subarray(part.length);
  }

  #handWhole(): void {
    const frame = this.#held?.subarray(0, this.#count);
    if (frame === undefined || this.#sizeOf(frame) !== frame.length) return;
    this.#held = undefined;
    this.#count = 0;
    this.#hand(frame);
  }

  #keep(part: Uint8Array): void {
    const count = this.#count + part.length;
    if (this.#held === undefined || count > this.#held.length) {
      const grown = new Uint8Array(Math.max(ROOM_BYTES, count * 2));
      if (this.#held !== undefined) grown.set(this.#held.subarray(0, this.#count));
      this.#held = grown;
    }
    this.#held.set(part, this.#count);
    this.#count = count;
  }

  /** How long a frame is by what is there of it; the length of a header where that is not known yet. */
  #sizeOf(bytes: Uint8Array): number {
    if (bytes.length < 2) return HEADER_BYTES;
    const name = this.#order[this.#started ? 1 : 0];
    const view = viewOf(bytes);
    const type = view.getUint16(0);
    if (type !== FRAME_TYPES[name])
      throw new PushFrameError('type', `A frame of type ${FRAME_TYPES[name]} is due here, not ${type}`);
    if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
    const length = view.getUint32(2);
    if (name === 'publishMessageReceived')
      return hasLength(length) ? HEADER_BYTES + RECEIVED_BODY.max : HEADER_BYTES;
    const { min, max } = this.#bounds(name);
    if (length < min || length > max)
      throw new PushFrameError('length', `A ${name} has ${min} to ${max} bytes, this one says ${length}`);
    return HEADER_BYTES + length;
  }

  #bounds(name: FrameName): { min: number; max: number } {
    if (name === 'connectionRequest') return REQUEST_BODY;
    if (name === 'connectionResponse') return RESPONSE_BODY;
    return { min: MESSAGE_HEAD_BYTES, max: MESSAGE_HEAD_BYTES + this.#maxPayloadBytes };
  }

  #hand(bytes: Uint8Array): void {
    const frame = decode(bytes);
    this.#started = true;
    this.#onFrame(frame);
  }
}

/** @param frame of a type that there is, whole */
function decode(frame: Uint8Array): PushFrame {
  const body = frame.subarray(HEADER_BYTES);
  switch (viewOf(frame).getUint16(0)) {
    case FRAME_TYPES.connectionRequest:
      return { type: 'connectionRequest', ...decodeConnectionRequest(body) };
    case FRAME_TYPES.connectionResponse:
      return { type: 'connectionResponse', ...decodeConnectionResponse(body) };
    case FRAME_TYPES.publishMessage:
      return { type: 'publishMessage', ...decodePublishMessage(body) };
    default:
      // Without a length its body is where that would be.
      return {
        type: 'publishMessageReceived',
        ...decodePublishMessageReceived(body.length === 0 ? frame.subarray(2) : body),
      };
  }
}
