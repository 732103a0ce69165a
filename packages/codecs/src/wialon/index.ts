export { decodeWialonPacket } from './decode.js';
export { type EncodedMessage, encodeWialon, type WialonEncoderOptions } from './encode.js';
export {
  MAX_WIALON_PACKET_BYTES,
  WIALON_ACKNOWLEDGEMENT,
  type WialonBlock,
  WialonError,
  type WialonPacket,
  type WialonPosition,
  type WialonValue,
} from './format.js';
export { messageOfWialon } from './message.js';
export { WialonDecoder } from './stream.js';
