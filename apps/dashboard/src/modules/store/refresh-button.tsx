import type { StoreRefresh } from '@polyrelay/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { api } from '../../lib/api';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { RelativeTime } from '../../ui/time';

/** Reads the catalogues again, and fetches what they then hold. */
export function useRefresh() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<StoreRefresh>('/api/store/refresh'),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['store'] });
    },
    onError: (error) => toast.error(t.store.notRefreshed, { description: error.message }),
  });
}

/** When the catalogues were read, and a button to read them now. */
export function RefreshButton({ refreshedAt }: { refreshedAt: string | null | undefined }) {
  const { mutate, isPending } = useRefresh();
  return (
    <>
      {refreshedAt !== undefined && (
        <span className="text-sm text-faint">
          {t.store.refreshed} <RelativeTime at={refreshedAt} />
        </span>
      )}
      <Button icon={RotateCw} isBusy={isPending} onClick={() => mutate()}>
        {t.store.refresh}
      </Button>
    </>
  );
}
