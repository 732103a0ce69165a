import type { ThingSummary } from '@polyrelay/contract';
import { t } from '../../strings';
import { Badge, type Tone } from '../../ui/badge';
import { RelativeTime } from '../../ui/time';

type Word = 'created' | 'verified' | 'disabled';

const tones: Record<Word, Tone> = { created: 'busy', verified: 'good', disabled: 'idle' };

/** The one word for how a thing stands. */
export const statusOf = ({ status, enabled }: Pick<ThingSummary, 'status' | 'enabled'>): Word =>
  enabled ? status : 'disabled';

/** The status of a thing: its word in its colour; a ring where it is not in use. */
export function StatusBadge({ thing }: { thing: Pick<ThingSummary, 'status' | 'enabled'> }) {
  const word = statusOf(thing);
  return (
    <Badge tone={tones[word]} isHollow={word !== 'verified'} tip={t.things.statusTexts[word]}>
      {t.things.statuses[word]}
    </Badge>
  );
}

/** That it is connected, else when it was last seen. */
export function Seen({
  thing: { connected, lastSeenAt },
  isFocusable = false,
}: {
  thing: Pick<ThingSummary, 'connected' | 'lastSeenAt'>;
  isFocusable?: boolean;
}) {
  if (!connected) return <RelativeTime at={lastSeenAt} isFocusable={isFocusable} />;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-good">
      <span aria-hidden className="size-2 rounded-full bg-current" />
      {t.things.statuses.connected}
    </span>
  );
}
