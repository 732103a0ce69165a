import { useNavigate } from '@tanstack/react-router';
import { api } from '../lib/api';
import { queryClient } from '../lib/query';
import { sessionQuery } from '../lib/session';
import { toast } from '../lib/toast';
import { t } from '../strings';

/** Ends the session and goes to the sign-in page. */
export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate();
  return async () => {
    try {
      await api.delete('/api/session');
    } catch (error) {
      toast.error(error instanceof Error ? error.message : String(error));
      return;
    }
    queryClient.setQueryData(sessionQuery.queryKey, null);
    await navigate({ to: '/sign-in' });
    queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    toast.success(t.shell.signedOut);
  };
}
