/** Frames of push monitors (push protocol section 3). All numbers are big-endian. */

/** Types of frames, as the first two bytes have them. */
export const FRAME_TYPES = {
  connectionRequest: 1,
  connectionResponse: 2,
  publishMessage: 3,
  publishMessageReceived: 4,
} as const;

/** Type (u16) and length of the body (u32). An acknowledgement without length is as long as this alone. */
export const HEADER_BYTES = 6;

/** The version of the protocol that there is. */
export const PUSH_VERSION = 1;

/** What a response or an acknowledgement says. */
export const PUSH_STATUS = { ok: 200, badRequest: 400, notAuthorised: 403 } as const;

/** Longest user name and longest password of a request, in bytes. */
export const MAX_CREDENTIAL_BYTES = 256;

/** Greatest payload a client takes, unless it says otherwise. */
export const MAX_PUSH_PAYLOAD_BYTES = 64 * 1024 * 1024;

export type PushCompression = 'none' | 'zlib';
export type PushFormat = 'xml' | 'json';

/** As their place in the list is their number on the wire. */
export const COMPRESSIONS: readonly PushCompression[] = ['none', 'zlib'];
export const FORMATS: readonly PushFormat[] = ['xml', 'json'];

/** A client signs in and names its monitor. */
export interface ConnectionRequest {
  username: string;
  password: string;
  /** u32. */
  monitorId: number;
}

/** The service's answer, before anything else. */
export interface ConnectionResponse {
  /** 200, 400 or 403. */
  status: number;
  version: number;
}

/** One block of events. */
export interface PublishMessage {
  /** u16. */
  blockId: number;
  /** Events in the payload. */
  count: number;
  compression: PushCompression;
  format: PushFormat;
  payload: Uint8Array;
}

/** A client's acknowledgement of a block. */
export interface PublishMessageReceived {
  blockId: number;
  /** 200: the client has it. */
  status: number;
}

/** A frame with its type. */
export type PushFrame =
  | ({ type: 'connectionRequest' } & ConnectionRequest)
  | ({ type: 'connectionResponse' } & ConnectionResponse)
  | ({ type: 'publishMessage' } & PublishMessage)
  | ({ type: 'publishMessageReceived' } & PublishMessageReceived);

export type FrameName = PushFrame['type'];

/**
 * What is wrong with a frame: a type there is not, or not here (`type`); a length that its type cannot have
 * (`length`); another version (`version`); text that is not UTF-8 (`text`); a number without a meaning (`value`); a
 * stream that ends in the middle (`cut`).
 */
export type PushFault = 'type' | 'length' | 'version' | 'text' | 'value' | 'cut';

/** What is not a frame, and where. */
export class PushFrameError extends Error {
  override readonly name = 'PushFrameError';
  readonly fault: PushFault;

  constructor(fault: PushFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
