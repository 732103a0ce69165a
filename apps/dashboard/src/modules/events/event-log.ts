import type { Event } from '@polyrelay/contract';

/** Kept in the page; what is older can be fetched again. */
export const MAX_KEPT = 5000;

export interface EventLog {
  /** Newest first. */
  shown: readonly Event[];
  /** Arrived while the list must not move. */
  held: readonly Event[];
  /** Where to go on back; null at the beginning of the log. */
  cursor: string | null;
  isReady: boolean;
}

export type LogAction =
  | { kind: 'start' }
  | { kind: 'first'; events: readonly Event[]; cursor: string | null }
  | { kind: 'arrived'; events: readonly Event[]; isHeld: boolean }
  | { kind: 'release' }
  | { kind: 'older'; events: readonly Event[]; cursor: string | null };

export const emptyLog: EventLog = { shown: [], held: [], cursor: null, isReady: false };

/** What happens to the list: loaded, grown at either end, held still and let go. */
export function reduceLog(log: EventLog, action: LogAction): EventLog {
  switch (action.kind) {
    case 'start':
      return emptyLog;
    case 'first':
      return { shown: merge(log.shown, action.events), held: [], cursor: action.cursor, isReady: true };
    case 'arrived': {
      const held = [...action.events.toReversed(), ...log.held].slice(0, MAX_KEPT);
      return action.isHeld ? { ...log, held } : release({ ...log, held });
    }
    case 'release':
      return release(log);
    case 'older':
      return { ...log, shown: merge(log.shown, action.events), cursor: action.cursor };
  }
}

function release(log: EventLog): EventLog {
  const shown = [...log.held, ...log.shown];
  if (shown.length <= MAX_KEPT) return { ...log, shown, held: [] };
  const kept = shown.slice(0, MAX_KEPT);
  return { ...log, shown: kept, held: [], cursor: kept.at(-1)?.id ?? null };
}

/** Each event once, newest first; ids pass 2^53, so they are compared as integers of any size. */
function merge(some: readonly Event[], more: readonly Event[]): Event[] {
  const byId = new Map([...some, ...more].map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => {
    const [x, y] = [BigInt(a.id), BigInt(b.id)];
    return x === y ? 0 : x > y ? -1 : 1;
  });
}
