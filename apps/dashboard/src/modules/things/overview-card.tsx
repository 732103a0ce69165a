import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, Microchip, Send } from 'lucide-react';
import { day } from '../../lib/format';
import { policyQuery } from '../../lib/policy';
import { useLive } from '../../lib/use-live';
import { t } from '../../strings';
import { Badge } from '../../ui/badge';
import { FormError } from '../../ui/field';
import { Gauge } from '../../ui/gauge';
import { Card } from '../../ui/page';
import { countsQuery } from './queries';

/** The things in short, and how much of the limits is used. */
export default function OverviewCard() {
  useLive(['things/+/messages/+'], { keeps: [policyQuery.queryKey] });
  const counts = useQuery(countsQuery);
  const policy = useQuery(policyQuery);
  if (!counts.data || counts.data.total === 0) return null;
  const { total, connected, verified, created, disabled } = counts.data;
  return (
    <section aria-labelledby="things">
      <div className="mb-2 flex items-center justify-between gap-3">
        <h2 id="things" className="text-lg font-semibold">
          {t.things.title}
        </h2>
        <Link to="/things" className="text-sm font-medium text-accent hover:underline">
          {t.things.allCount(total)}
        </Link>
      </div>
      <Card>
        <ul className="mb-4 flex flex-wrap gap-2">
          <State tone="good" status="connected" count={connected} />
          <State tone="good" status="verified" count={verified} isHollow />
          <State tone="busy" status="created" count={created} isHollow />
          <State tone="idle" status="disabled" count={disabled} isHollow />
        </ul>
        <FormError text={policy.error?.message} />
        {policy.data && (
          <div className="grid gap-x-8 gap-y-4 sm:grid-cols-3">
            <Gauge
              label={t.things.title}
              icon={Microchip}
              used={policy.data.usage.things}
              limit={policy.data.limits.things}
            />
            <Gauge
              label={t.things.columns.collected}
              icon={Download}
              used={policy.data.usage.collected}
              limit={policy.data.limits.collected}
            >
              {t.things.sinceDay(day(Date.parse(policy.data.periodStart)))}
            </Gauge>
            <Gauge
              label={t.things.columns.published}
              icon={Send}
              used={policy.data.usage.published}
              limit={policy.data.limits.published}
            >
              {t.things.sinceDay(day(Date.parse(policy.data.periodStart)))}
            </Gauge>
          </div>
        )}
      </Card>
    </section>
  );
}

/** How many things are in a state; leads to them. */
function State({
  tone,
  status,
  count,
  isHollow = false,
}: {
  tone: 'good' | 'busy' | 'idle';
  status: 'connected' | 'verified' | 'created' | 'disabled';
  count: number;
  isHollow?: boolean;
}) {
  if (count === 0 && status !== 'connected') return null;
  return (
    <li>
      <Link to="/things" search={{ status }} className="rounded-full">
        <Badge tone={count === 0 ? 'idle' : tone} isHollow={isHollow || count === 0}>
          {t.things.inState(count, t.things.statuses[status])}
        </Badge>
      </Link>
    </li>
  );
}
