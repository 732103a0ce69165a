import type { Monitor } from '@polyrelay/contract';
import { t } from '../../../strings';
import { Card } from '../../../ui/page';
import { MonitorFacts } from './monitor-facts';
import { RateCard } from './rate-card';

/** How much is sent, what waits, and what the monitor is. */
export const OverviewTab = ({ monitor }: { monitor: Monitor }) => (
  <div className="grid items-start gap-5 xl:grid-cols-[3fr_2fr]">
    {monitor.transportType === 'polling' ? (
      <Card title={t.monitors.rate.title}>
        <p className="text-soft">{t.monitors.rate.polling}</p>
      </Card>
    ) : (
      <RateCard monitor={monitor} />
    )}
    <MonitorFacts monitor={monitor} />
  </div>
);
