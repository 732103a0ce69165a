import type { HandlerClass } from '../handler.js';
import { StdoutHandler } from './stdout.js';

/** Handlers that come with the receiver, by the name that `--handler` and a config file take. */
export const HANDLERS: Readonly<Record<string, HandlerClass>> = {
  stdout: StdoutHandler,
};
