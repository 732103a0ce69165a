import type { MessageSummary } from '@polyrelay/contract';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { api, type Page, withQuery } from '../../../lib/api';
import { live } from '../../../lib/live';
import { useLive } from '../../../lib/use-live';
import { type Bounds, boundsOf, isMeant, type MessageFilter } from './filter';
import { emptyLog, type Onward, reduceLog } from './message-log';
import { paths } from './queries';
import { readEvents } from './read-events';

/** Whether a long payload has the text searched for is asked of the service, once for all that came meanwhile. */
const ASK_MS = 500;

/** A search that finds little may need several calls, each of which looks through a part of the messages. */
const MOST_CALLS = 10;

interface Options {
  /** Whether the list must not move now. */
  isHeld?: () => boolean;
  pageSize?: number;
}

/** Messages of a thing that pass a filter: the newest, what arrives and changes, and further back on demand. */
export function useMessages(
  thingId: string,
  { type, text, range, from, to }: MessageFilter,
  { isHeld = () => false, pageSize = 100 }: Options = {},
) {
  const [log, dispatch] = useReducer(reduceLog, emptyLog);
  const [error, setError] = useState<unknown>(null);
  const [isPaging, setPaging] = useState(false);
  const bounds = useRef<Bounds>({});
  const current = useRef<AbortController | null>(null);

  const fetchPage = useCallback(
    async (from: Onward | null, signal: AbortSignal): Promise<Page<MessageSummary>> => {
      let onward = from;
      for (let calls = 1; ; calls++) {
        const query = { type, text, ...bounds.current, limit: pageSize, ...onward };
        const page = await api.get<Page<MessageSummary>>(withQuery(paths.list(thingId), query), signal);
        if (page.items.length > 0 || page.nextCursor === null || calls === MOST_CALLS) return page;
        onward = { cursor: page.nextCursor };
      }
    },
    [thingId, type, text, pageSize],
  );

  const load = useCallback(async () => {
    current.current?.abort();
    const abort = new AbortController();
    current.current = abort;
    const { signal } = abort;
    dispatch({ kind: 'start' });
    setError(null);
    setPaging(false);
    bounds.current = boundsOf({ range, from, to }, Date.now());
    try {
      await live.settled();
      const page = await fetchPage(null, signal);
      if (!signal.aborted) dispatch({ kind: 'page', messages: page.items, cursor: page.nextCursor });
    } catch (cause) {
      if (!signal.aborted) setError(cause);
    }
  }, [fetchPage, range, from, to]);

  useEffect(() => {
    void load();
    return () => current.current?.abort();
  }, [load]);

  const asked = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(asked.current), []);
  const askForNewest = () => {
    asked.current ??= setTimeout(() => {
      asked.current = undefined;
      const { signal } = current.current ?? new AbortController();
      fetchPage(null, signal).then(
        ({ items }) => signal.aborted || dispatch({ kind: 'arrived', messages: items, isHeld: isHeld() }),
        // What is missing comes with the next one, or when the list is opened again.
        () => {},
      );
    }, ASK_MS);
  };

  useLive([`things/${thingId}/messages/+`, `things/${thingId}/messages`], {
    keeps: [],
    onEvents: (events) => {
      const { arrived, changes, deletions } = readEvents(events, thingId);
      const meant = arrived.map((message) => isMeant(message, { type, text }, bounds.current));
      const messages = arrived.filter((_, index) => meant[index] === true);
      if (messages.length > 0) dispatch({ kind: 'arrived', messages, isHeld: isHeld() });
      if (changes.length > 0) dispatch({ kind: 'changed', changes });
      for (const range of deletions) dispatch({ kind: 'deleted', range });
      if (meant.includes('maybe')) askForNewest();
    },
    onReset: () => void load(),
  });

  const older = async () => {
    const { signal } = current.current ?? new AbortController();
    if (log.onward === null || isPaging) return;
    setPaging(true);
    setError(null);
    try {
      const page = await fetchPage(log.onward, signal);
      if (!signal.aborted) dispatch({ kind: 'page', messages: page.items, cursor: page.nextCursor });
    } catch (cause) {
      if (!signal.aborted) setError(cause);
    } finally {
      if (!signal.aborted) setPaging(false);
    }
  };

  return {
    ...log,
    error,
    isPaging,
    older: () => void older(),
    reload: () => void load(),
    release: () => dispatch({ kind: 'release' }),
  };
}

export type Messages = ReturnType<typeof useMessages>;
