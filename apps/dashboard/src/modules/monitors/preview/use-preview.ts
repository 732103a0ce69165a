import type { PushTopic } from '@polyrelay/codecs/push-topic';
import type { FormatType } from '@polyrelay/contract';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLive } from '../../../lib/use-live';
import { liveTopicsOf } from '../builder/topics';
import { fetchNewer, previewQuery, withNewer } from './queries';

/** Between two calls, so that a stream of events costs a few. */
const PACE_MS = 700;
/** One call looks at a bounded number of events: so many, and what is left is waited for. */
const MOST_CALLS = 5;

/**
 * The latest events that topics match, growing as they happen. An empty text asks nothing; those of the text before
 * stay until there is an answer.
 */
export function usePreview(topic: string, topics: readonly PushTopic[], formatType: FormatType) {
  const client = useQueryClient();
  const query = previewQuery(topic, formatType);
  const isAsked = topic !== '';
  const preview = useQuery({ ...query, enabled: isAsked, placeholderData: keepPreviousData });
  const key = `${formatType} ${topic}`;
  /** Id of the newest event that was heard of. */
  const head = useRef(0n);
  const current = useRef({ key, isOn: true });
  useEffect(() => {
    const mine = { key, isOn: true };
    current.current = mine;
    return () => {
      mine.isOn = false;
    };
  }, [key]);
  const isRunning = useRef(false);

  const catchUp = async () => {
    const mine = current.current;
    if (isRunning.current) return;
    isRunning.current = true;
    try {
      for (let calls = 0; calls < MOST_CALLS && mine.isOn; calls++) {
        await new Promise((resolve) => setTimeout(resolve, PACE_MS));
        const known = client.getQueryData(query.queryKey);
        if (!known || BigInt(known.last) >= head.current || !mine.isOn) return;
        const newer = await fetchNewer(topic, formatType, known.last);
        client.setQueryData(query.queryKey, (now) => now && withNewer(now, newer));
        // What was heard of may be of another owner: nothing newer is there.
        if (newer.lookedAt === 0) return;
      }
    } catch {
      // It stays behind, and goes on with the next event.
    } finally {
      isRunning.current = false;
    }
  };

  useLive(isAsked ? liveTopicsOf(topics) : [], {
    keeps: [query.queryKey],
    onEvents: (events) => {
      for (const { id } of events) if (BigInt(id) > head.current) head.current = BigInt(id);
      void catchUp();
    },
  });
  return {
    data: isAsked ? preview.data : undefined,
    isOld: preview.isPlaceholderData,
    error: preview.data === undefined ? preview.error : null,
    retry: () => void preview.refetch(),
  };
}
