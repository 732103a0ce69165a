/** Counts in equal spans of time, one list for each kind of thing that is counted. */
export interface Rate<K extends string = string> {
  from: string;
  to: string;
  stepSeconds: number;
  counts: Record<K, number[]>;
}

/** The rate with what came since: until when the service had counted stays in `countedTo`. */
export interface LiveRate<K extends string = string> extends Rate<K> {
  countedTo: string;
}

/** Something that was counted; `count` of them where one event tells of many. */
interface Counted<K> {
  type: K;
  at: string;
  count?: number;
}

/** Counts what came after the service's own counting; the last span is followed by as many as needed. */
export function addToRate<K extends string>(rate: LiveRate<K>, news: readonly Counted<K>[]): LiveRate<K> {
  const fresh = news.filter(({ at }) => Date.parse(at) >= Date.parse(rate.countedTo));
  if (fresh.length === 0) return rate;
  const last = Math.max(...fresh.map(({ at }) => Date.parse(at)));
  const grown = stretch(rate, last + 1);
  for (const { type, at, count = 1 } of fresh) {
    const span = spanOf(rate, Date.parse(at));
    grown.counts[type][span] = (grown.counts[type][span] ?? 0) + count;
  }
  return grown;
}

/** The rate up to `now` (ms), and of the last `length` ms only when that is given. */
export function upTo<K extends string>(rate: LiveRate<K>, now: number, length: number | null): LiveRate<K> {
  const whole = stretch(rate, now);
  if (length === null) return whole;
  const surplus = spansOf(whole) - Math.round(length / (rate.stepSeconds * 1000));
  if (surplus <= 0) return whole;
  return {
    ...whole,
    from: new Date(Date.parse(rate.from) + surplus * rate.stepSeconds * 1000).toISOString(),
    counts: each(whole.counts, (counts) => counts.slice(surplus)),
  };
}

/** How many there are of each kind. */
export const totals = <K extends string>({ counts }: Rate<K>): Record<K, number> =>
  each(counts, (all) => all.reduce((sum, one) => sum + one, 0));

/** When each span begins, in ms. */
export const timesOf = (rate: Rate): number[] =>
  Array.from({ length: spansOf(rate) }, (_, at) => Date.parse(rate.from) + at * rate.stepSeconds * 1000);

/** How many spans there are. */
export const spansOf = ({ counts }: Rate): number => Object.values(counts)[0]?.length ?? 0;

const each = <K extends string, A, B>(record: Record<K, A>, change: (value: A) => B): Record<K, B> =>
  Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, change(value)])) as Record<K, B>;

const spanOf = ({ from, stepSeconds }: Rate, at: number): number =>
  Math.floor((at - Date.parse(from)) / (stepSeconds * 1000));

function stretch<K extends string>(rate: LiveRate<K>, until: number): LiveRate<K> {
  const missing = Math.max(0, spanOf(rate, until - 1) + 1 - spansOf(rate));
  const none = Array<number>(missing).fill(0);
  return {
    ...rate,
    to: new Date(Math.max(until, Date.parse(rate.to))).toISOString(),
    counts: each(rate.counts, (counts) => [...counts, ...none]),
  };
}
