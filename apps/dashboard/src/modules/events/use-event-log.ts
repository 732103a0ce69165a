import type { Event } from '@polyrelay/contract';
import { useCallback, useEffect, useReducer, useState } from 'react';
import { api, type Page, withQuery } from '../../lib/api';
import { live } from '../../lib/live';
import { useLive } from '../../lib/use-live';
import { emptyLog, reduceLog } from './event-log';

const PAGE = 200;
/** A rare topic may need several calls, each of which looks through a part of the log. */
const MOST_CALLS = 10;

/** The event log under a topic filter: the newest, what arrives, and further back on demand. */
export function useEventLog(topic: string, isHeld: () => boolean) {
  const [log, dispatch] = useReducer(reduceLog, emptyLog);
  const [error, setError] = useState<unknown>(null);
  const [isPaging, setPaging] = useState(false);

  const load = useCallback(
    async (signal?: AbortSignal) => {
      dispatch({ kind: 'start' });
      setError(null);
      try {
        await live.settled();
        const page = await fetchBack(topic, null, signal);
        if (!signal?.aborted) dispatch({ kind: 'first', ...page });
      } catch (cause) {
        if (!signal?.aborted) setError(cause);
      }
    },
    [topic],
  );

  const filters = topic.split(',').map((filter) => filter.trim());
  useLive(filters, {
    keeps: [],
    onEvents: (events) => {
      const meant = events.filter((event) => filters.some((filter) => isMeant(filter, event.topic)));
      if (meant.length > 0) dispatch({ kind: 'arrived', events: meant, isHeld: isHeld() });
    },
    onReset: () => void load(),
  });

  useEffect(() => {
    const abort = new AbortController();
    void load(abort.signal);
    return () => abort.abort();
  }, [load]);

  const older = async () => {
    if (log.cursor === null || isPaging) return;
    setPaging(true);
    try {
      dispatch({ kind: 'older', ...(await fetchBack(topic, log.cursor)) });
    } catch (cause) {
      setError(cause);
    } finally {
      setPaging(false);
    }
  };

  return {
    ...log,
    error,
    isPaging,
    older,
    reload: () => void load(),
    release: () => dispatch({ kind: 'release' }),
  };
}

/** A page of the log backwards; goes on where nothing of the topic was in the part looked through. */
async function fetchBack(topic: string, from: string | null, signal?: AbortSignal) {
  const events: Event[] = [];
  let cursor = from;
  for (let calls = 0; calls < MOST_CALLS && events.length === 0; calls++) {
    const path = withQuery('/api/events', { topic, limit: PAGE, cursor: cursor ?? undefined });
    const page = await api.get<Page<Event>>(path, signal);
    events.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return { events, cursor };
}

/** MQTT's matching, as the service does it: `+` one level, `#` the rest. */
function isMeant(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (levels[index] === undefined || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
