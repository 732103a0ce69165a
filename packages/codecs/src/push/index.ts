export { encodeConnectionRequest } from './connection-request.js';
export { encodeConnectionResponse } from './connection-response.js';
export {
  type ConnectionRequest,
  type ConnectionResponse,
  MAX_CREDENTIAL_BYTES,
  MAX_PUSH_PAYLOAD_BYTES,
  PUSH_STATUS,
  PUSH_VERSION,
  type PublishMessage,
  type PublishMessageReceived,
  type PushCompression,
  type PushFault,
  type PushFormat,
  type PushFrame,
  PushFrameError,
} from './format.js';
export { encodePublishMessage } from './publish-message.js';
export { encodePublishMessageReceived } from './publish-message-received.js';
export { FrameReader, type FrameReaderOptions } from './reader.js';
