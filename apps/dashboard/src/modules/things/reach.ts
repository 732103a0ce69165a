import type { Thing } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../../lib/overview';

/** Whether a thing is known to be away. An outside broker does not tell which things are connected. */
export function useIsAway({ connected }: Pick<Thing, 'connected'>): boolean {
  const { data: tells = false } = useQuery({
    ...overviewQuery,
    staleTime: Number.POSITIVE_INFINITY,
    select: ({ broker }) => broker.kind === 'embedded',
  });
  return tells && !connected;
}
