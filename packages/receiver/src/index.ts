export { z } from 'zod';
export { ReceiverError, type ReceiverErrorCode } from './errors.js';
export {
  type BatchContext,
  Handler,
  type HandlerClass,
  type HandlerContext,
  PermanentError,
} from './handler.js';
export { HANDLERS } from './handlers/index.js';
export type { Attempt } from './lane.js';
export { type ChannelMessage, jsonOf } from './message.js';
export { type Handled, type HandlerUse, Receiver, type ReceiverOptions } from './receiver.js';
