import { type FlatMessage, mapMessage, RulePreviewRequest } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { refetchSoon } from '../../../lib/patch';
import { useLive } from '../../../lib/use-live';
import { useSettled } from '../../../lib/use-settled';
import { factTopics, isFact } from './facts';
import { previewQuery, previews } from './queries';
import { previewMapping, type RuleValues, sourceOf } from './rule-form';

/** The service is asked once typing pauses; and of facts that come, so often at the most. */
const TYPING_MS = 300;
const FACTS_MS = 500;

/** The latest facts and what the form’s rule makes of them: mapped here at once, then by the service. */
export function usePreview(channelId: number, values: RuleValues) {
  const client = useQueryClient();
  const mapping = previewMapping(values);
  const source = sourceOf(values);
  const wanted = { source, ...mapping };
  const request = useSettled(wanted, TYPING_MS);
  const canAsk = RulePreviewRequest.safeParse(request).success;
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...previewQuery(channelId, request),
    enabled: canAsk,
    // While another mapping is asked for, the facts are those before.
    placeholderData: (before, query) => (isSame(query?.queryKey[2], request.source) ? before : undefined),
  });
  useLive(canAsk ? factTopics(request.source) : [], {
    keeps: [previews(channelId)],
    onEvents: (events) => {
      if (events.some((event) => isFact(event, request.source)))
        refetchSoon(client, previews(channelId), FACTS_MS);
    },
  });
  const isMapped = !isPlaceholderData && isSame(wanted, request);
  return {
    canAsk: RulePreviewRequest.safeParse(wanted).success,
    mapping,
    error: data === undefined ? error : null,
    retry: () => void refetch(),
    fields: data?.fields ?? [],
    items: data?.items.map((item) => ({
      ...item,
      after: isMapped ? item.after : mapMessage(item.before as FlatMessage, mapping),
    })),
  };
}

export type Preview = ReturnType<typeof usePreview>;
export type PreviewItem = NonNullable<Preview['items']>[number];

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
