/** Pauses between tries, in ms. */
export interface Pace {
  /** After the first failure; each further one is twice as long. */
  firstMs: number;
  longestMs: number;
  /** Longest that a server may ask for with `Retry-After`. */
  longestAskedMs: number;
}

export const PACE: Pace = { firstMs: 1000, longestMs: 300_000, longestAskedMs: 3_600_000 };

/**
 * The pause before the next try: exponential, its latter half by chance, so that many monitors of one server that was
 * away do not come together.
 * @param failures one after the other, 1 or more; @param askedMs what the server asked for; @param chance 0…1
 */
export function pauseAfter(
  failures: number,
  { firstMs, longestMs, longestAskedMs }: Pace,
  askedMs = 0,
  chance = Math.random(),
): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.max((full * (1 + chance)) / 2, Math.min(askedMs, longestAskedMs));
}

/** What `Retry-After` asks for: seconds or a date (RFC 9110 section 10.2.3). @returns ms from now; 0: nothing */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = /^[A-Z][a-z]{2,8},? /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
