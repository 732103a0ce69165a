import { type Installed, InstallRequest, type StoreItem } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiError, api } from '../../lib/api';
import { useForm } from '../../lib/form';
import { controllersQuery, listQuery } from '../../lib/node-servers';
import { fieldOf, toRequest, type Values, valuesFor } from './values';

/** The install form of an entry: its values, and sending them. Leaving it ends what was asked for. */
export function useInstall(item: StoreItem, onDone: (made: Installed) => void) {
  const client = useQueryClient();
  const [since, setSince] = useState<string | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const form = useForm<Values, Installed | null>({
    initial: valuesFor(item),
    schema: InstallRequest,
    toRequest,
    fieldOf,
    submit: async (values) => {
      abort.current = new AbortController();
      const { signal } = abort.current;
      setSince(new Date().toISOString());
      try {
        const path = `/api/store/${encodeURIComponent(item.id)}/install`;
        return await api.post<Installed>(path, toRequest(values), signal);
      } catch (error) {
        if (signal.aborted) return null;
        // These name fields of the catalogue, not of this form.
        if (error instanceof ApiError && error.code === 'catalogueMismatch')
          throw new ApiError({ status: error.status, code: error.code, detail: error.message });
        throw error;
      } finally {
        setSince(null);
      }
    },
    onDone: (made) => {
      if (made === null) return;
      for (const { queryKey } of [listQuery, controllersQuery]) void client.invalidateQueries({ queryKey });
      void client.invalidateQueries({ queryKey: ['store'] });
      onDone(made);
    },
  });
  return { ...form, since, cancel: () => abort.current?.abort() };
}

export type Install = ReturnType<typeof useInstall>;
