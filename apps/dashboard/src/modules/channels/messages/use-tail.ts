import type { Channel } from '@polyrelay/contract';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { live } from '../../../lib/live';
import { useLive } from '../../../lib/use-live';
import { appendedIn } from '../arrivals';
import { fetchMessages } from './queries';
import { emptyTail, reduceTail } from './tail';

const PAGE = 100;
/** So many are caught up with; when more wait, the newest are shown and the others passed over. */
const MOST_BEHIND = 1000;
const CATCH_UP_PAGE = 250;
/** Time between two calls, so that a stream of many batches a second is fetched in a few. */
const PACE_MS = 200;
/** A filter that finds little may need several calls, each of which looks through a part of the messages. */
const MOST_CALLS = 10;

/** The newest messages of a channel that pass a filter: what comes, and further back on demand. */
export function useTail({ id, nextKey }: Channel, filter: string | undefined, isHeld: () => boolean) {
  const [tail, dispatch] = useReducer(reduceTail, emptyTail);
  const [error, setError] = useState<unknown>(null);
  const [isPaging, setPaging] = useState(false);
  const [waiting, setWaiting] = useState(0);
  /** Key of the next message to come, and of the next one to fetch. */
  const head = useRef(nextKey);
  const next = useRef(nextKey);
  const current = useRef<AbortController | null>(null);
  const isCatchingUp = useRef(false);
  const held = useRef(isHeld);
  held.current = isHeld;

  const older = useCallback(
    async (before: number | undefined, signal: AbortSignal) => {
      let page = await fetchMessages(id, { before, filter, limit: PAGE }, signal);
      for (let calls = 1; page.items.length === 0 && page.nextKey !== null && calls < MOST_CALLS; calls++)
        page = await fetchMessages(id, { before: page.nextKey, filter, limit: PAGE }, signal);
      return page;
    },
    [id, filter],
  );

  const load = useCallback(async () => {
    current.current?.abort();
    const abort = new AbortController();
    current.current = abort;
    const { signal } = abort;
    dispatch({ kind: 'start' });
    setError(null);
    setPaging(false);
    isCatchingUp.current = false;
    try {
      await live.settled();
      const known = head.current;
      const page = await older(undefined, signal);
      if (signal.aborted) return;
      next.current = Math.max(known, (page.items[0]?.key ?? -1) + 1);
      head.current = Math.max(head.current, next.current);
      dispatch({ kind: 'older', page });
      setWaiting(head.current - next.current);
    } catch (cause) {
      if (!signal.aborted) setError(cause);
    }
  }, [older]);

  useEffect(() => {
    void load();
    return () => current.current?.abort();
  }, [load]);

  const catchUp = useCallback(async () => {
    const signal = current.current?.signal;
    if (isCatchingUp.current || !signal || signal.aborted) return;
    isCatchingUp.current = true;
    try {
      while (next.current < head.current && !held.current() && !signal.aborted) {
        const from = next.current;
        const until = head.current;
        if (until - from > MOST_BEHIND) {
          const page = await fetchMessages(id, { filter, limit: PAGE }, signal);
          next.current = Math.max(until, (page.items[0]?.key ?? -1) + 1);
          dispatch({ kind: 'skipped', page, from });
        } else {
          const page = await fetchMessages(id, { after: from - 1, filter, limit: CATCH_UP_PAGE }, signal);
          const last = page.items.at(-1)?.key ?? -1;
          next.current = Math.max(from, last + 1, page.nextKey === null ? until : page.nextKey + 1);
          dispatch({ kind: 'newer', messages: page.items });
        }
        setWaiting(head.current - next.current);
        await new Promise((resolve) => setTimeout(resolve, PACE_MS));
      }
    } catch (cause) {
      // It stays behind, and goes on with the next message or by hand.
      if (!signal.aborted) setError(cause);
    } finally {
      if (!signal.aborted) isCatchingUp.current = false;
    }
  }, [id, filter]);

  useLive([`channels/${id}/messages`], {
    keeps: [],
    onEvents: (events) => {
      for (const event of events) {
        if (event.topic !== `channels/${id}/messages`) continue;
        const appended = appendedIn(event);
        if (appended) head.current = Math.max(head.current, appended.lastKey + 1);
        const { firstKey } = event.payload;
        if (event.operation === 'DELETION' && typeof firstKey === 'number') {
          next.current = Math.max(next.current, firstKey);
          head.current = Math.max(head.current, firstKey);
          dispatch({ kind: 'deleted', firstKey });
        }
      }
      if (!tail.isReady) return;
      setWaiting(head.current - next.current);
      void catchUp();
    },
    onReset: () => void load(),
  });

  const goOn = async () => {
    const { signal } = current.current ?? new AbortController();
    if (tail.onward === null || isPaging) return;
    setPaging(true);
    setError(null);
    try {
      const page = await older(tail.onward, signal);
      if (!signal.aborted) dispatch({ kind: 'older', page });
    } catch (cause) {
      if (!signal.aborted) setError(cause);
    } finally {
      if (!signal.aborted) setPaging(false);
    }
  };

  return {
    ...tail,
    error,
    isPaging,
    /** Messages that came and were not fetched yet. */
    waiting,
    /** Fetches what came, unless the list is held. */
    follow: () => {
      setError(null);
      void catchUp();
    },
    older: () => void goOn(),
    reload: () => void load(),
  };
}

export type TailView = ReturnType<typeof useTail>;
