import { readFileSync } from 'node:fs';

/** One MQTT message of a recorded session: seconds, topic, and its JSON (or `<n bytes binary …>`). */
export interface RecordedMessage {
  t: number;
  topic: string;
  qos: number;
  retain: number;
  payload: Record<string, unknown> | string;
}

/** `../src` is right from `src` and from `dist`, so that the data is there once. */
const file = (name: string) => new URL(`../src/vectors/${name}`, import.meta.url);

/**
 * The public Python module against a broker, recorded whole: start, first nodes, profile, link of an
 * account, commands, log stream, stop. Worker `worker1` of `user1`, stage `test`.
 */
export const pgcSession = (): RecordedMessage[] =>
  readFileSync(file('pgc-session.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as RecordedMessage);

/** Messages, and the packets that the public encoder of Wialon Retranslator makes of them, in hexadecimal. */
export const wialonVectors = (): { messages: Record<string, unknown>[]; hex: string }[] =>
  JSON.parse(readFileSync(file('wialon-retranslator.json'), 'utf8'));
