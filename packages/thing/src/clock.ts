/** Differences below this do not matter: a token is valid for minutes. */
const TOLERANCE_MS = 30_000;

/** The service’s time, as far as its answers told it: a Raspberry Pi starts without a clock. */
export class Clock {
  /** Service minus this computer. */
  offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }

  /** Takes over the `Date` of an answer. @returns whether that changed the time by enough to matter */
  correct(date: string | undefined): boolean {
    const at = Date.parse(date ?? '');
    if (Number.isNaN(at) || Math.abs(at - this.now()) < TOLERANCE_MS) return false;
    this.offsetMs = at - Date.now();
    return true;
  }
}

/** “5 minutes behind the service”, for people. */
export function howFarOff(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const [size, unit] = UNITS.find(([least]) => seconds >= 2 * least) ?? [1, 'seconds'];
  return `${Math.round(seconds / size)} ${unit} ${offsetMs > 0 ? 'behind' : 'ahead of'} the service`;
}

const UNITS: [number, string][] = [
  [86_400, 'days'],
  [3600, 'hours'],
  [60, 'minutes'],
];
