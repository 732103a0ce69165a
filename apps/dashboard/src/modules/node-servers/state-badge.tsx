import type { WorkerState } from '@polyrelay/contract';
import { t } from '../../strings';
import { Badge } from '../../ui/badge';
import { stateLooks } from './state';

/** The state of a worker: the protocol's word in its colour, the reason on hover. */
export function StateBadge({ state, reason }: { state: WorkerState; reason?: string }) {
  return (
    <Badge {...stateLooks[state]} tip={reason || undefined}>
      {t.states[state]}
    </Badge>
  );
}
