import {
  type FlatMessage,
  flatten,
  identFrom,
  MAX_CHANNEL_MESSAGE_BYTES,
  usableIdent,
} from '@polyrelay/contract';
import { digitsOf, numberOf, parseExact } from './exact.js';

/** Something a rule can route: who it is from, for people, and what is flat of it. */
export interface Fact {
  at: Date;
  from: string;
  message: FlatMessage;
}

export interface ThingMessage {
  id: string;
  thingId: string;
  thingName: string;
  at: Date;
  /** The payload’s JSON text. */
  json: string;
}

/**
 * A thing’s message: the fields of its payload, which may name the ident and the time itself where they are usable;
 * else these are the thing’s name, and when the message came.
 * @throws RangeError when nested names make it much too long
 */
export function factOfMessage({ id, thingId, thingName, at, json }: ThingMessage): Fact {
  const fields = flatten(parseExact(json), MAX_CHANNEL_MESSAGE_BYTES);
  const ident = usableIdent(digitsOf(fields.ident)) ?? identFrom(thingName);
  const timestamp = usableTime(numberOf(fields.timestamp)) ?? at.getTime() / 1000;
  const source = { 'thing.id': thingId, 'thing.name': thingName, 'message.id': id };
  // In front, for who reads it.
  const message = { ident, timestamp, ...fields, ...source };
  return { at, from: thingName, message: Object.assign(message, { ident, timestamp }) };
}

export interface DriverValue {
  nodeServerId: string;
  nodeServerName: string;
  address: string;
  nodeName: string;
  driver: string;
  value: unknown;
  uom: unknown;
  at: Date;
}

/** A driver’s value. Numbers that came as text, as old modules send them, are numbers. */
export function factOfValue(value: DriverValue): Fact {
  const { nodeServerId, nodeServerName, address, nodeName, driver, at } = value;
  return {
    at,
    from: nodeName,
    message: {
      ident: identFrom(`${nodeServerName}.${address}`),
      timestamp: at.getTime() / 1000,
      [`driver.${driver}`]: plainNumber(value.value),
      [`driver.${driver}.uom`]: plainNumber(value.uom),
      'node.address': address,
      'node.name': nodeName,
      'node_server.id': nodeServerId,
      'node_server.name': nodeServerName,
    },
  };
}

const usableTime = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

const plainNumber = (value: unknown): unknown =>
  typeof value === 'string' && value.length <= 15 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(value)
    ? Number(value)
    : value;
