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

/** Frames of push monitors: what they say, and their bytes in hexadecimal. */
export interface PushFrameVectors {
  connectionRequest: { username: string; password: string; monitorId: number; hex: string }[];
  connectionResponse: { status: number; version: number; hex: string }[];
  publishMessage: {
    blockId: number;
    count: number;
    compression: 'none' | 'zlib';
    format: 'json' | 'xml';
    payload: string;
    hex: string;
  }[];
  publishMessageReceived: { form: string; blockId: number; status: number; hex: string }[];
}

/** Made by hand from the documentation and the published clients. */
export const pushFrameVectors = (): PushFrameVectors =>
  JSON.parse(readFileSync(file('push-frames.json'), 'utf8'));
