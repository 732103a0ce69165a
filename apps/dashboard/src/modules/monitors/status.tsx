import type { MonitorStatus, MonitorSummary } from '@polyrelay/contract';
import { count } from '../../lib/format';
import { t } from '../../strings';
import { Badge, type Tone } from '../../ui/badge';

/** Above it a description is a text, not a name. */
const MOST_NAME = 60;

/** What a monitor is called: by its description, where that is short; else by its number. */
export const nameOf = ({ id, description }: Pick<MonitorSummary, 'id' | 'description'>): string => {
  const name = description.trim();
  return name !== '' && name.length <= MOST_NAME && !/\n/.test(name) ? name : t.monitors.number(id);
};

/** Whether an HTTP monitor does not get through, and not just has not tried yet. */
export const isFailing = ({
  status,
  statusReason,
}: Pick<MonitorSummary, 'status' | 'statusReason'>): boolean =>
  status === 'DISABLED' || (status === 'CONNECTING' && statusReason !== null);

const tones: Record<MonitorStatus, Tone> = {
  CONNECTING: 'busy',
  ACTIVE: 'good',
  INACTIVE: 'idle',
  SUSPENDED: 'warn',
  DISABLED: 'bad',
};

/** The status of a monitor: the protocol's word in its colour. */
export function StatusBadge({ monitor }: { monitor: Pick<MonitorSummary, 'status' | 'statusReason'> }) {
  const { status, statusReason } = monitor;
  return (
    <Badge
      tone={status === 'CONNECTING' && statusReason !== null ? 'warn' : tones[status]}
      isHollow={status === 'INACTIVE' || status === 'SUSPENDED'}
      isMoving={status === 'CONNECTING'}
      tip={statusReason ?? t.monitors.statusTips[status]}
    >
      {status}
    </Badge>
  );
}

/** How many events wait; counted up to a bound. */
export const lagOf = ({ lag }: Pick<MonitorSummary, 'lag'>): string =>
  t.monitors.lag(count(lag.events), lag.more);

/** The same as a sentence. */
export const lagWords = (lag: MonitorSummary['lag']): string =>
  lag.events === 0 ? t.monitors.noLag : t.monitors.lagWords(lagOf({ lag }), lag.events === 1 && !lag.more);

const MINUTE_MS = 60_000;

/** Events a second over the last minute: what was told of it ends with the minute. */
export const rateOf = ({ rate, lastSent }: Pick<MonitorSummary, 'rate' | 'lastSent'>, now: number): number =>
  lastSent === null || now - Date.parse(lastSent) > MINUTE_MS ? 0 : rate;
