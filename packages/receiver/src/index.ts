export { z } from 'zod';
export { Handler, type HandlerClass, type HandlerContext, PermanentError } from './handler.js';
export { HANDLERS } from './handlers/index.js';
export { type ChannelMessage, jsonOf } from './message.js';
