import type { NodeServer } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api } from '../../../lib/api';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { upload } from '../../../lib/upload';
import { t } from '../../../strings';
import { listQuery } from '../queries';
import { emptyValues, extraErrors, fieldOf, schemaFor, toRequest, type Values } from './values';

/** The register form: its values, and sending them, with the zip where there is one. */
export function useRegister() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [progress, setProgress] = useState<number | null>(null);
  const abort = useRef<AbortController | null>(null);

  const send = async (values: Values): Promise<NodeServer | null> => {
    const request = toRequest(values);
    if (values.sourceKind !== 'archive' || !values.archive)
      return api.post<NodeServer>('/api/node-servers', request);
    const data = new FormData();
    data.append('request', JSON.stringify(request));
    data.append('archive', values.archive);
    abort.current = new AbortController();
    setProgress(0);
    try {
      return await upload<NodeServer>('/api/node-servers', data, setProgress, abort.current.signal);
    } catch (error) {
      if (abort.current.signal.aborted) return null;
      throw error;
    } finally {
      setProgress(null);
    }
  };

  const form = useForm<Values, NodeServer | null>({
    initial: emptyValues,
    schema: schemaFor,
    extra: (values) => extraErrors(values, { noArchive: t.register.noArchive, badParams: t.params.fixFirst }),
    toRequest,
    fieldOf,
    submit: send,
    onDone: (server) => {
      if (!server) {
        toast.info(t.register.cancelled);
        return;
      }
      void client.invalidateQueries({ queryKey: listQuery.queryKey });
      void client.invalidateQueries({ queryKey: ['controllers'] });
      toast.success(t.register.added(server.name));
      void navigate({ to: '/node-servers/$id', params: { id: server.id } });
    },
  });
  return { ...form, progress, cancel: () => abort.current?.abort() };
}

export type Register = ReturnType<typeof useRegister>;
