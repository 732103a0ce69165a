import type { Limits } from '@polyrelay/contract';

/** Limits as they are typed; empty is what the service sets. */
export type LimitValues = Record<keyof Limits, string>;

export const noLimits: LimitValues = { memoryMb: '', processes: '', cpus: '' };

export const limitNames = ['memoryMb', 'processes', 'cpus'] as const satisfies (keyof Limits)[];

/** The limits that were typed; a comma is a point to many. */
export function toLimits(values: LimitValues): Partial<Limits> {
  return Object.fromEntries(
    limitNames
      .filter((name) => values[name].trim() !== '')
      .map((name) => [name, Number(values[name].trim().replace(',', '.'))]),
  );
}

/** Limits as text, to be edited. */
export const limitValues = (limits: Limits): LimitValues => ({
  memoryMb: String(limits.memoryMb),
  processes: String(limits.processes),
  cpus: String(limits.cpus),
});
