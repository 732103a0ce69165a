import { unitOf } from '../format/units.js';
import { connectwareIdOf } from './connectware-id.js';

/** Where a driver's value is from. */
export interface DriverRef {
  nodeServerId: string;
  /** Of the node. */
  address: string;
  driver: string;
}

/** A value that a driver has or had. */
export interface DriverReading {
  /** UUID of the point. */
  id: string;
  customerId: number;
  streamId: string;
  value: unknown;
  /** Unit of measure, as its worker wrote it. */
  uom: unknown;
  nodeName: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** The name of a driver as a stream: `{devConnectwareId}/{node}/{driver}`. */
export const streamIdOf = ({ nodeServerId, address, driver }: DriverRef): string =>
  `${connectwareIdOf(nodeServerId)}/${address}/${driver}`;

/** A value as a `DataPoint` of the push protocol, section 2. */
export const dataPoint = ({ id, customerId, streamId, value, uom, nodeName, at }: DriverReading) => ({
  id,
  cstId: customerId,
  streamId,
  streamUnits: unitsOf(uom),
  timestamp: at,
  serverTimestamp: at,
  quality: 0,
  description: nodeName,
  data: dataOf(value),
});

/** A driver as a `DataStream`, with the value that it has. */
export const dataStream = (reading: DriverReading) => ({
  cstId: reading.customerId,
  streamId: reading.streamId,
  // Never INTEGER: the next value may have a fraction, and clients read the whole history as this type.
  dataType: isNumeric(reading.value) ? 'DOUBLE' : 'STRING',
  units: unitsOf(reading.uom),
  description: reading.nodeName,
  currentValue: dataPoint(reading),
});

/** The symbol of a unit of measure; where it has none its name. */
function unitsOf(uom: unknown): string {
  const { symbol, name } = unitOf(String(uom ?? ''));
  return symbol || (name === 'unknown' ? '' : name);
}

/** Digits that a double holds. */
const EXACT_DIGITS = 15;

/** A number as one, as long as it loses no digits by that; everything else as text. */
function dataOf(value: unknown): number | string {
  const text = String(value ?? '');
  return isNumeric(text) && text.length <= EXACT_DIGITS ? Number(text) : text;
}

/** Workers send numbers as texts, too: what a history keeps is one. */
const isNumeric = (value: unknown): boolean => /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(String(value));
