import type { Thing, ThingChange } from '@polyrelay/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { base, countsQuery, distributionQuery, thingQuery } from './queries';

/**
 * Takes over what the service answered about a thing. What the thing does by itself comes live, and by then may be newer
 * than the answer: one that was disabled has gone.
 */
function useTakeOver() {
  const client = useQueryClient();
  return (thing: Thing) => {
    client.setQueryData(thingQuery(thing.id).queryKey, (known) => {
      if (!known) return thing;
      const { connected, lastSeenAt, collected, published } = known;
      return { ...thing, connected, lastSeenAt, collected, published };
    });
    void client.invalidateQueries({ queryKey: distributionQuery(thing.id).queryKey });
    void client.invalidateQueries({ queryKey: countsQuery.queryKey });
    return thing;
  };
}

/** Sends a change of a thing; the answer takes the place of what is cached. */
export function useSendChange(id: string): (change: ThingChange) => Promise<Thing> {
  const takeOver = useTakeOver();
  return async (change) => takeOver(await api.patch<Thing>(base(id), change));
}

/** The same for a single switch, with its result as a toast. */
export function useChange(id: string) {
  return useMutation({
    mutationFn: useSendChange(id),
    onSuccess: () => toast.success(t.things.saved),
    onError: (error) => toast.error(t.things.notSaved, { description: error.message }),
  });
}

/** Makes new keys; the ones before stop working at once. */
export function useRotate(id: string): () => Promise<Thing> {
  const takeOver = useTakeOver();
  return async () => takeOver(await api.post<Thing>(`${base(id)}/keys`));
}
