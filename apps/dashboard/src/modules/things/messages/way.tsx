import type { MessageState, MessageType } from '@polyrelay/contract';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { t } from '../../../strings';
import { Badge, type Tone } from '../../../ui/badge';
import { cx } from '../../../ui/cx';

/** Which way a message went, as arrow and words. */
export function Way({ type, className }: { type: MessageType; className?: string }) {
  const Icon = type === 'egress' ? ArrowUp : ArrowDown;
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1 text-xs font-semibold whitespace-nowrap',
        type === 'egress' ? 'text-plot-1' : 'text-plot-2',
        className,
      )}
    >
      <Icon aria-hidden className="size-3.5" />
      {t.messages.ways[type]}
    </span>
  );
}

const tones: Record<MessageState, Tone> = { queued: 'idle', sent: 'busy', delivered: 'good' };

/** What became of a message to a thing. */
export function StateBadge({ state }: { state: MessageState }) {
  return (
    <Badge tone={tones[state]} isHollow={state === 'queued'} tip={t.messages.stateTips[state]}>
      {t.messages.states[state]}
    </Badge>
  );
}
