import type { HandlerClass } from '../handler.js';
import { FileHandler } from './file.js';
import { HttpHandler } from './http.js';
import { MqttHandler } from './mqtt.js';
import { PostgresHandler } from './postgres.js';
import { StdoutHandler } from './stdout.js';
import { WialonHandler } from './wialon.js';

/** Handlers that come with the receiver, by the name that `--handler` and a config file take. */
export const HANDLERS: Readonly<Record<string, HandlerClass>> = {
  stdout: StdoutHandler,
  http: HttpHandler,
  file: FileHandler,
  mqtt: MqttHandler,
  wialon: WialonHandler,
  postgres: PostgresHandler,
};
