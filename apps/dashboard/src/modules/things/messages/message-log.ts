import type { MessageState, MessageSummary, MessageType } from '@polyrelay/contract';
import { type Bounds, isWithin } from './filter';

/** Kept in the page; what is older can be fetched again. */
export const MAX_KEPT = 5000;
/** Changes remembered of messages that are not here: an answer under way may be older than they are. */
const MAX_CHANGES = 500;

export interface StateChange {
  id: string;
  state: MessageState;
  stateAt: string;
}

/** Where to go on back: with the API's cursor, or before a time where the list was cut. */
export type Onward = { cursor: string } | { to: string };

export interface MessageLog {
  /** Newest first. */
  shown: readonly MessageSummary[];
  /** Arrived while the list must not move. */
  held: readonly MessageSummary[];
  /** Null at the oldest message. */
  onward: Onward | null;
  /** The last look further back found nothing, and there is more: going on is for the reader to say. */
  isSparse: boolean;
  changes: readonly StateChange[];
  isReady: boolean;
}

export type LogAction =
  | { kind: 'start' }
  | { kind: 'page'; messages: readonly MessageSummary[]; cursor: string | null }
  | { kind: 'arrived'; messages: readonly MessageSummary[]; isHeld: boolean }
  | { kind: 'changed'; changes: readonly StateChange[] }
  | { kind: 'deleted'; range: Bounds & { type?: MessageType | undefined } }
  | { kind: 'release' };

export const emptyLog: MessageLog = {
  shown: [],
  held: [],
  onward: null,
  isSparse: false,
  changes: [],
  isReady: false,
};

/** What happens to the list: loaded, grown at either end, held still and let go, changed, made shorter. */
export function reduceLog(log: MessageLog, action: LogAction): MessageLog {
  switch (action.kind) {
    case 'start':
      return emptyLog;
    case 'page': {
      const messages = action.messages.map((message) => log.changes.reduce(withChange, message));
      return {
        ...log,
        shown: merge(log.shown, messages),
        onward: action.cursor === null ? null : { cursor: action.cursor },
        isSparse: action.cursor !== null && messages.length === 0,
        isReady: true,
      };
    }
    case 'arrived': {
      const known = new Set(log.shown.map(({ id }) => id));
      const fresh = action.messages.filter(({ id }) => !known.has(id));
      const held = { ...log, held: merge(log.held, fresh) };
      return action.isHeld ? held : release(held);
    }
    case 'release':
      return release(log);
    case 'changed': {
      const apply = (message: MessageSummary) => action.changes.reduce(withChange, message);
      return {
        ...log,
        shown: log.shown.map(apply),
        held: log.held.map(apply),
        changes: [...log.changes, ...action.changes].slice(-MAX_CHANGES),
      };
    }
    case 'deleted': {
      const { type } = action.range;
      const stays = (message: MessageSummary) =>
        (type !== undefined && message.type !== type) || !isWithin(message, action.range);
      return { ...log, shown: log.shown.filter(stays), held: log.held.filter(stays) };
    }
  }
}

const rank: Record<MessageState, number> = { queued: 0, sent: 1, delivered: 2 };
const rankOf = (state: MessageState | null): number => (state === null ? -1 : rank[state]);

/** A state only goes forward, in whatever order it is heard of. */
function withChange(message: MessageSummary, { id, state, stateAt }: StateChange): MessageSummary {
  return message.id === id && rank[state] > rankOf(message.state) ? { ...message, state, stateAt } : message;
}

function release(log: MessageLog): MessageLog {
  if (log.held.length === 0) return log;
  const shown = merge(log.held, log.shown);
  if (shown.length <= MAX_KEPT) return { ...log, shown, held: [] };
  const kept = shown.slice(0, MAX_KEPT);
  const last = Date.parse(kept.at(-1)?.at ?? '');
  // Others of the same millisecond may have been cut off.
  return { ...log, shown: kept, held: [], onward: { to: new Date(last + 1).toISOString() } };
}

/** Each message once, the one whose state went further, newest first. */
function merge(some: readonly MessageSummary[], more: readonly MessageSummary[]): MessageSummary[] {
  const byId = new Map(some.map((message) => [message.id, message]));
  for (const message of more) {
    const known = byId.get(message.id);
    if (!known || rankOf(message.state) > rankOf(known.state)) byId.set(message.id, message);
  }
  return [...byId.values()].sort(newestFirst);
}

function newestFirst(a: MessageSummary, b: MessageSummary): number {
  if (a.at !== b.at) return Date.parse(b.at) - Date.parse(a.at);
  return a.id < b.id ? 1 : -1;
}
