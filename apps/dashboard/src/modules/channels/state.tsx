import { t } from '../../strings';
import { Badge } from '../../ui/badge';

/** Whether a channel takes messages. */
export const StateBadge = ({ enabled }: { enabled: boolean }) => (
  <Badge
    tone={enabled ? 'good' : 'idle'}
    isHollow={!enabled}
    tip={enabled ? t.channels.enabledTip : t.channels.disabledTip}
  >
    {enabled ? t.channels.enabledWord : t.channels.disabledWord}
  </Badge>
);
