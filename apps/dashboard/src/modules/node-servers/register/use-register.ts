import type { NodeServer } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../../../lib/api';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { useUpload } from '../../../lib/use-upload';
import { t } from '../../../strings';
import { listQuery } from '../queries';
import { emptyValues, extraErrors, fieldOf, schemaFor, toRequest, type Values } from './values';

/** The register form: its values, and sending them, with the zip where there is one. */
export function useRegister() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const { progress, send: upload, cancel } = useUpload();

  const send = async (values: Values): Promise<NodeServer | null> => {
    const request = toRequest(values);
    if (values.sourceKind !== 'archive' || !values.archive)
      return api.post<NodeServer>('/api/node-servers', request);
    const data = new FormData();
    data.append('request', JSON.stringify(request));
    data.append('archive', values.archive);
    return upload<NodeServer>('/api/node-servers', data);
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
  return { ...form, progress, cancel };
}

export type Register = ReturnType<typeof useRegister>;
