import type { MessageType } from '@polyrelay/contract';
import { useMemo } from 'react';
import { count, duration } from '../../../lib/format';
import { type LiveRate, timesOf, totals } from '../../../lib/rate';
import { t } from '../../../strings';
import { Card } from '../../../ui/page';
import { Plot, type Series } from '../../../ui/plot';
import type { MessageFilter } from './filter';

interface Props {
  rate: LiveRate<MessageType>;
  range: MessageFilter['range'];
  onSelect: (from: number, to: number) => void;
}

/** How many messages went each way, span by span. */
export default function RateChart({ rate, range, onSelect }: Props) {
  const series = useMemo((): Series[] => {
    const begins = timesOf(rate);
    // The last span has an end, too: else its step would have no width.
    const times = [...begins, ...begins.slice(-1).map((at) => at + rate.stepSeconds * 1000)];
    return (['egress', 'ingress'] as const).map((type) => ({
      label: t.messages.types[type],
      times,
      values: [...rate.counts[type], ...rate.counts[type].slice(-1)],
      format: count,
    }));
  }, [rate]);
  const { egress, ingress } = totals(rate);
  const span = rate.stepSeconds < 1 ? t.messages.underASecond : duration(Math.round(rate.stepSeconds));
  return (
    <Card title={t.messages.chartOf(span)}>
      <Plot
        series={series}
        height={150}
        areCounts
        label={t.messages.chartLabel(count(egress), count(ingress), t.messages.ofRange[range])}
        onSelect={onSelect}
      />
      <p className="text-sm text-faint max-sm:hidden">{t.messages.chartHint}</p>
    </Card>
  );
}
