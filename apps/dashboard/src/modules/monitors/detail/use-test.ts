import type { Monitor, MonitorBlock, MonitorBlockPage } from '@polyrelay/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, withQuery } from '../../../lib/api';
import { refetchSoon } from '../../../lib/patch';
import { toast } from '../../../lib/toast';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { sendTest } from '../actions';
import { base, monitorQuery } from '../queries';

/** So many blocks may go out between a test and its own one. */
const LOOK_AT = 20;
const SOON_MS = 300;

/** A test that was sent: when, and how far the monitor’s blocks were. */
interface Sent {
  eventId: string;
  /** By this browser’s clock, in ms. */
  at: number;
  /** The last block before it. */
  after: number;
}

export interface TestState {
  sent: Sent | null;
  /** The block that it went out in. */
  block: MonitorBlock | undefined;
  isBusy: boolean;
  send: () => void;
  forget: () => void;
}

const newest = (id: number, limit: number, signal?: AbortSignal) =>
  api.get<MonitorBlockPage>(withQuery(`${base(id)}/blocks`, { limit }), signal);

/** Sends a test event and waits for the block that it goes out in. */
export function useTest({ id, transportType }: Pick<Monitor, 'id' | 'transportType'>): TestState {
  const client = useQueryClient();
  const [sent, setSent] = useState<Sent | null>(null);
  const test = useMutation({
    mutationFn: async (): Promise<Sent> => {
      const after = (await newest(id, 1)).items[0]?.seq ?? 0;
      const at = Date.now();
      return { ...(await sendTest(id)), at, after };
    },
    onSuccess: setSent,
    onError: (error) => toast.error(t.monitors.test.notSent, { description: error.message }),
  });
  const isWaiting = sent !== null && transportType !== 'polling';
  const queryKey = ['monitor-test', id, sent?.eventId];
  const { data: block } = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<MonitorBlock | null> => {
      const { items } = await newest(id, LOOK_AT, signal);
      // The oldest of those that went out since.
      return items.filter(({ seq }) => seq > (sent?.after ?? 0)).at(-1) ?? null;
    },
    enabled: isWaiting,
    staleTime: 0,
  });
  const isDone = block?.state === 'delivered';
  // It does not wait any more.
  useEffect(() => {
    if (isDone) refetchSoon(client, monitorQuery(id).queryKey, SOON_MS);
  }, [isDone, client, id]);
  useLive(isWaiting && !isDone ? ['monitors/progress', `monitors/${id}`] : [], {
    keeps: [queryKey],
    onEvents: (events) => {
      if (events.some(({ topic }) => topic.startsWith('monitors/'))) refetchSoon(client, queryKey, SOON_MS);
    },
  });
  return {
    sent,
    block: block ?? undefined,
    isBusy: test.isPending,
    send: () => test.mutate(),
    forget: () => setSent(null),
  };
}
