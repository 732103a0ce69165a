/** Longer lists are not kept value by value: nobody picks from them, and every driver repeats them. */
export const MAX_SUBSET = 1024;

/** Values of a `subset`: listed, or only their limits where they are too many to list. */
export interface Subset {
  values: number[] | null;
  min: number;
  max: number;
}

/**
 * `"0-3,7"` → 0, 1, 2, 3, 7 (PGC section 9). Numbers may be negative (`"-50--48,-2-3"`); spaces and empty
 * parts are ignored. Undefined if a part is neither a number nor a run, or nothing is left.
 */
export function parseSubset(text: string): Subset | undefined {
  const runs: [first: number, last: number][] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const match = /^\s*(-?\d{1,15}(?:\.\d{1,9})?)\s*(?:-\s*(-?\d{1,15}(?:\.\d{1,9})?)\s*)?$/.exec(part);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    runs.push(first <= last ? [first, last] : [last, first]);
  }
  if (runs.length === 0) return undefined;
  const min = runs.reduce((least, [first]) => Math.min(least, first), Infinity);
  const max = runs.reduce((most, [, last]) => Math.max(most, last), -Infinity);
  return { values: expand(runs), min, max };
}

/** The values in ascending order without duplicates; null beyond {@link MAX_SUBSET}. */
function expand(runs: readonly [number, number][]): number[] | null {
  const values = new Set<number>();
  for (const [first, last] of runs) {
    if (last - first >= MAX_SUBSET) return null;
    for (let value = first; value <= last; value += 1) values.add(value);
    if (values.size > MAX_SUBSET) return null;
  }
  return [...values].sort((a, b) => a - b);
}
