/** Seconds and minutes shown in parts; longer units read well as they are. */
const unitSeconds: Readonly<Record<string, number>> = { s: 1, min: 60 };

const parts = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/**
 * `5400` seconds → `1 h 30 min`. Only whole, positive amounts of more than one part; undefined for the
 * rest, which read best as the number they are (`0.5 s`, `-3 min`, `45 min`).
 */
export function formatDuration(value: number, symbol: string): string | undefined {
  const factor = Object.hasOwn(unitSeconds, symbol) ? unitSeconds[symbol] : undefined;
  if (factor === undefined || !Number.isSafeInteger(value * factor) || value < 60) return undefined;
  let rest = value * factor;
  const shown: string[] = [];
  for (const [name, length] of parts) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) shown.push(`${count} ${name}`);
  }
  return shown.join(' ');
}

/** Seconds since 1970 → `2026-01-31 09:05:00 UTC`; undefined where no calendar date exists for them. */
export function formatUnixTime(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}
