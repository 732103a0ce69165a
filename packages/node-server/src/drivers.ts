import type { DriverScalar } from '@polyrelay/contract';
import { NodeServerError } from './errors.js';

/** A driver as a node declares it: first value and unit of measure, such as `{ value: 20, uom: 4 }`. */
export interface DriverDeclaration {
  value: DriverScalar | boolean;
  uom: DriverScalar;
}

export type DriverDeclarations = Readonly<Record<string, DriverDeclaration>>;

/** What a driver may be set to; `true` is 1, `false` is 0. */
export type DriverValue = DriverScalar | boolean;

/** A driver's present value. On the wire everything is text, and texts are what is compared. */
export interface DriverState {
  value: string;
  uom: string;
}

export interface SetDriverOptions {
  /** Another unit of measure than the declared one. */
  uom?: DriverScalar;
  /** Report it although nothing changed. */
  force?: boolean;
  /** `false`: remember the value, report it later with `reportDrivers`. */
  report?: boolean;
}

/** A value as it travels; NaN and the like are an error here, where the cause is still known. */
export const driverText = (value: DriverValue, driver: string): string => {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new NodeServerError(
      'DRIVER_VALUE',
      `Driver ${driver} cannot be set to ${value}: give a finite number`,
    );
  }
  if (typeof value !== 'number' && typeof value !== 'string') {
    throw new NodeServerError(
      'DRIVER_VALUE',
      `Driver ${driver} cannot be set to ${typeof value}: give a number or text`,
    );
  }
  return String(value);
};
