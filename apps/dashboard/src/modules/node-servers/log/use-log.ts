import type { LogLine } from '@polyrelay/contract';
import { useEffect, useReducer, useRef, useState } from 'react';
import { withQuery } from '../../../lib/api';
import { base } from '../queries';

/** Lines asked for at first, and the most that are kept. */
const FIRST = 2000;
const MAX_KEPT = 20_000;
const RETRY_MS = 3000;

export interface Log {
  lines: readonly LogLine[];
  /** Arrived while paused. */
  held: number;
  status: 'connecting' | 'open' | 'lost';
}

/**
 * A worker's log as it is written. Lines are collected for an animation frame and added together; what a
 * connection repeats is dropped by the lines' numbers.
 */
export function useLog(id: string, isPaused: boolean): Log & { clear: () => void } {
  const kept = useRef<LogLine[]>([]);
  const fresh = useRef<LogLine[]>([]);
  const [status, setStatus] = useState<Log['status']>('connecting');
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const paused = useRef(isPaused);
  paused.current = isPaused;

  useEffect(() => {
    kept.current = [];
    fresh.current = [];
    let source: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let isScheduled = false;
    let last = 0;
    const flush = () => {
      isScheduled = false;
      if (!paused.current && fresh.current.length > 0) {
        kept.current = [...kept.current, ...fresh.current].slice(-MAX_KEPT);
        fresh.current = [];
      }
      draw();
    };
    const schedule = () => {
      if (isScheduled) return;
      isScheduled = true;
      if (document.hidden) setTimeout(flush, 500);
      else requestAnimationFrame(flush);
    };
    const open = () => {
      source = new EventSource(withQuery(`${base(id)}/log`, { follow: true, lines: FIRST }));
      source.onopen = () => setStatus('open');
      source.addEventListener('line', (event) => {
        const line = JSON.parse((event as MessageEvent<string>).data) as LogLine;
        if (line.n <= last) return;
        last = line.n;
        fresh.current.push(line);
        if (fresh.current.length > MAX_KEPT) fresh.current.splice(0, fresh.current.length - MAX_KEPT);
        schedule();
      });
      source.addEventListener('reset', () => {
        kept.current = [];
        fresh.current = [];
        last = 0;
        schedule();
      });
      source.onerror = () => {
        setStatus('lost');
        if (source?.readyState !== EventSource.CLOSED) return;
        retry = setTimeout(open, RETRY_MS);
      };
    };
    open();
    return () => {
      clearTimeout(retry);
      source?.close();
    };
  }, [id]);

  // Going on shows what was held back.
  useEffect(() => {
    if (isPaused || fresh.current.length === 0) return;
    kept.current = [...kept.current, ...fresh.current].slice(-MAX_KEPT);
    fresh.current = [];
    draw();
  }, [isPaused]);

  const clear = () => {
    kept.current = [];
    draw();
  };
  return { lines: kept.current, held: isPaused ? fresh.current.length : 0, status, clear };
}
