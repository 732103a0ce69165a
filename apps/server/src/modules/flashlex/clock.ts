/** Times of a token, in seconds since 1970. */
export interface TokenTimes {
  exp: number;
  nbf?: number | undefined;
  iat?: number | undefined;
}

const UNITS: [seconds: number, name: string][] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

const CENTURY = 100 * 365.25 * 86_400;

/** A span in the two greatest units that say something: `1 hour 5 minutes`. */
export function spanOf(seconds: number): string {
  let left = Math.max(1, Math.round(Math.abs(seconds)));
  if (!(left < CENTURY)) return 'more than 100 years';
  const parts: string[] = [];
  for (const [size, name] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
    if (parts.length > 0 && (parts.length === 2 || count === 0)) break;
  }
  return parts.join(' ');
}

/** Why a token's times are refused: by how much, and how wrong the thing's clock seems to be. */
export function wrongTimes({ exp, nbf, iat }: TokenTimes, now: number): string {
  const over = now >= exp;
  const what = over
    ? `This token expired ${spanOf(now - exp)} ago`
    : `This token is not valid for another ${spanOf((nbf ?? exp) - now)}`;
  // Published SDKs make tokens that are valid as long before as after the moment they are made.
  const made = iat ?? (nbf === undefined ? undefined : (nbf + exp) / 2);
  const off = made === undefined ? undefined : now - made;
  if (off === undefined || over !== off > 0)
    return `${what}. Make a new one for each call; if this one is new, set the thing's clock: here it is ${iso(now)}.`;
  return `${what}. If it was made just now, the thing's clock is ${spanOf(off)} ${off > 0 ? 'behind' : 'ahead'}: here it is ${iso(now)}, and there about ${iso(made ?? now)}. Set it, for example with NTP.`;
}

function iso(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'an impossible time' : `${date.toISOString().slice(0, 19)}Z`;
}
