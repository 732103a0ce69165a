import { ChannelAppended, type Event } from '@polyrelay/contract';

/** What is counted together, in ms; and over how long. */
const SPAN_MS = 5000;
const WINDOW_MS = 60_000;

/** Messages that came, by channel and by when their span of five seconds began. */
export interface Arrivals {
  /** The last event that is counted: none is counted twice. */
  lastId: bigint;
  counts: Readonly<Record<string, Readonly<Record<number, number>>>>;
}

type Told = Pick<Event, 'id' | 'topic' | 'operation' | 'payload' | 'at'>;

/** Id of the channel whose messages an event tells of. */
export function channelOf(topic: string): string | undefined {
  const [channels, id, messages, more] = topic.split('/');
  return channels === 'channels' && messages === 'messages' && more === undefined ? id : undefined;
}

/** What an event tells that came to a channel. */
export function appendedIn({
  topic,
  operation,
  payload,
}: Omit<Told, 'id' | 'at'>): ChannelAppended | undefined {
  if (operation !== 'INSERTION' || channelOf(topic) === undefined) return undefined;
  return ChannelAppended.safeParse(payload).data;
}

/** Counts events of the log; what is older than a minute at `now` (ms) is left out. */
export const arrivalsOf = (events: readonly Told[], now: number): Arrivals =>
  addArrivals({ lastId: -1n, counts: {} }, events, now);

/** The counts with what happened since, without what is older than a minute. The same object when nothing came. */
export function addArrivals(known: Arrivals, events: readonly Told[], now: number): Arrivals {
  let { lastId } = known;
  const added: Record<string, Record<number, number>> = {};
  const inOrder = [...events].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  for (const event of inOrder) {
    const appended = appendedIn(event);
    if (!appended || BigInt(event.id) <= lastId) continue;
    lastId = BigInt(event.id);
    const at = Date.parse(event.at);
    const id = channelOf(event.topic) as string;
    const span = at - (at % SPAN_MS);
    added[id] ??= { ...known.counts[id] };
    added[id][span] = (added[id][span] ?? 0) + appended.count;
  }
  if (lastId === known.lastId) return known;
  const counts = Object.entries({ ...known.counts, ...added }).flatMap(([id, spans]) => {
    const recent = Object.entries(spans).filter(([span]) => isRecent(Number(span), now));
    return recent.length > 0 ? [[id, Object.fromEntries(recent)] as const] : [];
  });
  return { lastId, counts: Object.fromEntries(counts) };
}

/** How many came to a channel in the minute before `now` (ms). */
export const lastMinute = ({ counts }: Arrivals, id: number, now: number): number =>
  Object.entries(counts[id] ?? {}).reduce(
    (sum, [span, count]) => (isRecent(Number(span), now) ? sum + count : sum),
    0,
  );

const isRecent = (span: number, now: number): boolean => span >= now - WINDOW_MS;
