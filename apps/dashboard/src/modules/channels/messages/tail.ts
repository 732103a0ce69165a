import type { ChannelMessage, ChannelMessagePage } from '@polyrelay/contract';

/** Kept in the page; what is older can be fetched again. */
export const MAX_KEPT = 2000;
export const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** Messages that came too fast to be fetched: keys from the first to the last. */
export interface Gap {
  first: number;
  last: number;
}

/** The end of a channel, as far as it is at hand. */
export interface Tail {
  /** Newest first. */
  messages: readonly ChannelMessage[];
  /** Newest first. */
  gaps: readonly Gap[];
  /** For `before` of the next call; null at the oldest message. */
  onward: number | null;
  /** The last look further back found nothing, and there is more: going on is for the reader to say. */
  isSparse: boolean;
  isReady: boolean;
}

export type TailAction =
  | { kind: 'start' }
  /** The newest, or those before what is here. */
  | { kind: 'older'; page: ChannelMessagePage }
  /** What came since. */
  | { kind: 'newer'; messages: readonly ChannelMessage[] }
  /** The newest again, because too many came since key `from`. */
  | { kind: 'skipped'; page: ChannelMessagePage; from: number }
  /** Keys below are gone. */
  | { kind: 'deleted'; firstKey: number };

export const emptyTail: Tail = { messages: [], gaps: [], onward: null, isSparse: false, isReady: false };

/** What happens to the end of a channel that is looked at: it grows at both ends, jumps, and is cut. */
export function reduceTail(tail: Tail, action: TailAction): Tail {
  switch (action.kind) {
    case 'start':
      return emptyTail;
    case 'older': {
      const { items, nextKey } = action.page;
      return {
        ...tail,
        messages: merge(tail.messages, items),
        onward: nextKey,
        isSparse: nextKey !== null && items.length === 0,
        isReady: true,
      };
    }
    case 'newer':
      if (action.messages.length === 0) return tail;
      return bounded({ ...tail, messages: merge(action.messages, tail.messages) });
    case 'skipped': {
      const { items, nextKey } = action.page;
      // The page goes back to `nextKey`; before it, nothing was looked at since `from`.
      const isGap = nextKey !== null && nextKey > action.from;
      const gaps = isGap ? [{ first: action.from, last: nextKey - 1 }, ...tail.gaps] : tail.gaps;
      return bounded({ ...tail, messages: merge(items, tail.messages), gaps });
    }
    case 'deleted':
      return {
        ...tail,
        messages: tail.messages.filter(({ key }) => key >= action.firstKey),
        gaps: tail.gaps.filter(({ last }) => last >= action.firstKey),
        onward: tail.onward !== null && tail.onward <= action.firstKey ? null : tail.onward,
      };
  }
}

export type TailRow = { kind: 'message'; message: ChannelMessage } | { kind: 'gap'; gap: Gap };

/** Messages with the gaps between them, newest first. */
export function rowsOf({ messages, gaps }: Pick<Tail, 'messages' | 'gaps'>): TailRow[] {
  const rows: TailRow[] = [
    ...messages.map((message): TailRow => ({ kind: 'message', message })),
    ...gaps.map((gap): TailRow => ({ kind: 'gap', gap })),
  ];
  return gaps.length === 0 ? rows : rows.sort((a, b) => keyOf(b) - keyOf(a));
}

/** The key a row stands at. */
export const keyOf = (row: TailRow): number => (row.kind === 'message' ? row.message.key : row.gap.last);

/** Each message once, newest first. */
function merge(some: readonly ChannelMessage[], more: readonly ChannelMessage[]): ChannelMessage[] {
  const byKey = new Map([...more, ...some].map((message) => [message.key, message]));
  return [...byKey.values()].sort((a, b) => b.key - a.key);
}

/** Without the oldest, where there are too many or they are too large. */
function bounded(tail: Tail): Tail {
  let bytes = 0;
  let kept = 0;
  for (const message of tail.messages) {
    bytes += message.bytes;
    if (kept === MAX_KEPT || (bytes > MAX_KEPT_BYTES && kept > 0)) break;
    kept += 1;
  }
  const last = tail.messages[kept - 1];
  if (kept === tail.messages.length || last === undefined) return tail;
  return {
    ...tail,
    messages: tail.messages.slice(0, kept),
    gaps: tail.gaps.filter((gap) => gap.last > last.key),
    onward: last.key,
    isSparse: false,
  };
}
