import type { UpdateRequest } from '@polyrelay/contract';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import type { ServerFacts } from '../node-map';
import { base } from '../queries';

/** Begins an update of the program; how it goes on arrives live. */
export function useUpdate({ id, name }: Pick<ServerFacts, 'id' | 'name'>) {
  return async (request: UpdateRequest = {}): Promise<void> => {
    await api.post(updatePath(id), request);
    toast.success(t.installation.begun(name));
  };
}

export const updatePath = (id: string): string => `${base(id)}/update`;
