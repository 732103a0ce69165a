import type { HandlerClass } from '../handler.js';
import { FileHandler } from './file.js';
import { HttpHandler } from './http.js';
import { StdoutHandler } from './stdout.js';

/** Handlers that come with the receiver, by the name that `--handler` and a config file take. */
export const HANDLERS: Readonly<Record<string, HandlerClass>> = {
  stdout: StdoutHandler,
  http: HttpHandler,
  file: FileHandler,
};
