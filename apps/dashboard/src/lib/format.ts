import { t } from '../strings';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** `3 d 4 h`, `5 min`, `12 s`: the two largest parts of a duration. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(s / DAY), 'd'],
    [Math.floor((s % DAY) / HOUR), 'h'],
    [Math.floor((s % HOUR) / MINUTE), 'min'],
    [s % MINUTE, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** `0.4 s`, then as `duration`: how long a step took, at least a tenth of a second. */
export const stepTime = (ms: number): string =>
  ms < 9950 ? `${(Math.max(ms, 100) / 1000).toFixed(1)} s` : duration(Math.round(ms / 1000));

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });
const shortDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const exactTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** `just now`, `5 minutes ago`, `in 2 hours`; a date after a month. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 15) return t.time.justNow;
  if (size < MINUTE) return relative.format(Math.trunc(seconds / 10) * 10, 'second');
  if (size < HOUR) return relative.format(Math.trunc(seconds / MINUTE), 'minute');
  if (size < DAY) return relative.format(Math.trunc(seconds / HOUR), 'hour');
  if (size < 30 * DAY) return relative.format(Math.trunc(seconds / DAY), 'day');
  return shortDate.format(at);
}

/** Date and time to the second, in the reader's own zone and order. */
export const exact = (at: number): string => exactTime.format(at);

/** A date in the reader's own order. */
export const day = (at: number): string => shortDate.format(at);

/** `14:02:11`, of a log line. */
export const clockTime = (at: number): string => clock.format(at);

const dayAndTime = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** `14:02:11` today, `Nov 20, 14:02:11` else: for lists, where the order tells the year. */
export const moment = (at: number, now: number): string =>
  new Date(at).toDateString() === new Date(now).toDateString() ? clock.format(at) : dayAndTime.format(at);

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.4 GB`: bytes in thousands, as disks are sold. */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

const numbers = new Intl.NumberFormat('en');

/** `12,345`. */
export const count = (value: number): string => numbers.format(value);

/** A long id with its middle left out: `3f2a91…c04e`. Copy the whole, never this. */
export function shorten(id: string, keep = 12): string {
  if (id.length <= keep + 2) return id;
  const tail = Math.floor(keep / 3);
  return `${id.slice(0, keep - tail)}…${id.slice(-tail)}`;
}
