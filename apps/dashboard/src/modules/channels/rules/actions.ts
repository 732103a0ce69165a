import type { Rule, RuleRequest } from '@polyrelay/contract';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { rulesPath, rulesQuery } from './queries';

const put = (client: QueryClient, rule: Rule): void =>
  void client.setQueryData(rulesQuery(rule.channelId).queryKey, (rules) =>
    rules?.some(({ id }) => id === rule.id)
      ? rules.map((each) => (each.id === rule.id ? rule : each))
      : rules && [...rules, rule],
  );

/** Creates a rule, or changes the one of that id; the answer takes its place in the list. */
export function useSaveRule(channelId: number, ruleId: string | undefined) {
  const client = useQueryClient();
  return async (request: Omit<RuleRequest, 'enabled'>): Promise<Rule> => {
    const path = rulesPath(channelId);
    const rule = await (ruleId === undefined
      ? api.post<Rule>(path, request)
      : api.patch<Rule>(`${path}/${ruleId}`, request));
    put(client, rule);
    return rule;
  };
}

/** Turns a rule on or off. */
export function useSwitchRule({ channelId, id }: Rule) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (enabled: boolean) => api.patch<Rule>(`${rulesPath(channelId)}/${id}`, { enabled }),
    onSuccess: (rule) => {
      put(client, rule);
      toast.success(rule.enabled ? t.channels.rules.turnedOn : t.channels.rules.turnedOff);
    },
    onError: (error) => toast.error(t.channels.rules.notSaved, { description: error.message }),
  });
}

/** Deletes a rule. */
export function useRemoveRule() {
  const client = useQueryClient();
  return async ({ channelId, id }: Rule): Promise<void> => {
    await api.delete(`${rulesPath(channelId)}/${id}`);
    client.setQueryData(rulesQuery(channelId).queryKey, (rules) => rules?.filter((each) => each.id !== id));
    toast.success(t.channels.rules.deleted);
  };
}
