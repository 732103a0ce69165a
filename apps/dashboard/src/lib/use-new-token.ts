import type { AccessTokenRequest, CreatedAccessToken } from '@polyrelay/contract';
import { useMutation } from '@tanstack/react-query';
import { t } from '../strings';
import { api } from './api';
import { toast } from './toast';

const DAY_MS = 86_400_000;
/** Stands in commands for the access token. */
export const TOKEN_PLACE = '$ACCESS_TOKEN';

/** An access token for a day, made on demand and filled into commands that are shown. */
export function useNewToken(request: Pick<AccessTokenRequest, 'name' | 'access'>) {
  const { data, isPending, mutate } = useMutation({
    mutationFn: () =>
      api.post<CreatedAccessToken>('/api/access-tokens', {
        ...request,
        name: request.name.slice(0, 100),
        expiresAt: new Date(Date.now() + DAY_MS).toISOString(),
      }),
    onError: (error) => toast.error(t.tokens.notMade, { description: error.message }),
  });
  return {
    isMade: data !== undefined,
    isBusy: isPending,
    make: () => mutate(),
    /** The command with the token in its place, once there is one. */
    fill: (command: string) => (data ? command.replaceAll(TOKEN_PLACE, data.token) : command),
  };
}

export type NewToken = ReturnType<typeof useNewToken>;
