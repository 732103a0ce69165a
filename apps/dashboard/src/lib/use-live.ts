import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { type LiveState, live } from './live';
import type { LiveEvent } from './live-batch';

interface Options {
  /** Cached answers that these topics keep true: fetched again after a gap, stale when nobody listens. */
  keeps: readonly QueryKey[];
  onEvents?: (events: LiveEvent[]) => void;
  /** Called after a gap, for what is not in the cache. */
  onReset?: () => void;
}

/** Listens to topics of the shared live connection while the component is shown. */
export function useLive(topics: readonly string[], options: Options): void {
  const client = useQueryClient();
  const latest = useRef(options);
  latest.current = options;
  const key = topics.join(',');
  useEffect(() => {
    if (key === '') return;
    const unsubscribe = live.subscribe({
      topics: key.split(','),
      onEvents: (events) => latest.current.onEvents?.(events),
      onReset: () => {
        latest.current.onReset?.();
        for (const queryKey of latest.current.keeps) void client.invalidateQueries({ queryKey });
      },
    });
    return () => {
      unsubscribe();
      for (const queryKey of latest.current.keeps)
        void client.invalidateQueries({ queryKey, refetchType: 'none' });
    };
  }, [key, client]);
}

/** How the live connection stands. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(live.onState, live.getState);
}
