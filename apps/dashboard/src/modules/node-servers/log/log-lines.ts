import type { LogLine } from '@polyrelay/contract';

/** So many lines are kept while the end is followed: older ones are fetched again when they are scrolled to. */
export const MOST_FOLLOWED = 5000;

/** So many at most while the reader looks around. */
export const MOST_KEPT = 20_000;

type Lines = readonly LogLine[];

/** Adds new lines at the end; what is there already is left out, the oldest go when there are too many. */
export function withNewer(lines: Lines, newer: Lines, most: number): Lines {
  const last = lines.at(-1)?.n ?? 0;
  const fresh = newer.filter(({ n }) => n > last);
  if (fresh.length === 0) return lines;
  const tooMany = Math.max(0, lines.length + fresh.length - most);
  return [...lines.slice(tooMany), ...fresh.slice(Math.max(0, fresh.length - most))];
}

/** Adds older lines in front; the newest are never given up for them. */
export function withOlder(lines: Lines, older: Lines): Lines {
  const first = lines[0]?.n ?? Number.POSITIVE_INFINITY;
  return [...older.filter(({ n }) => n < first), ...lines];
}

/** The lines that are left when those up to `n` were removed. */
export const withoutUpTo = (lines: Lines, n: number): Lines => lines.filter((line) => line.n > n);
