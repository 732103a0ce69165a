import type { OAuthOutcome, OAuthResult } from '@polyrelay/contract';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../../lib/api';
import { live } from '../../lib/live';
import type { LiveEvent } from '../../lib/live-batch';

export const resultQuery = (id: string) =>
  queryOptions({
    queryKey: ['oauth-result', id],
    queryFn: async ({ signal }) => {
      await live.settled();
      return api.get<OAuthResult>(`/api/oauth/results/${encodeURIComponent(id)}`, signal);
    },
  });

/** The newest outcome that live events tell of a result; undefined when none of them does. */
export function outcomeIn(events: readonly LiveEvent[], id: string): OAuthOutcome | undefined {
  const told = events.findLast((event) => {
    const levels = event.topic.split('/');
    return levels[2] === 'oauth' && levels[3] === id;
  });
  return told?.payload.outcome as OAuthOutcome | undefined;
}
