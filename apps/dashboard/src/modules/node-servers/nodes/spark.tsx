import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { t } from '../../../strings';
import { Sparkline } from '../../../ui/sparkline';
import { historyQuery } from '../queries';
import type { Reading } from './describe';

const SPAN_MS = 6 * 3_600_000;
const POINTS = 48;
/** A row that only flies by while scrolling asks for nothing. */
const DWELL_MS = 250;

/** The last hours of a value as a small line; grows with what arrives live. */
export function Spark({
  id,
  address,
  reading,
  className,
  width = 96,
}: {
  id: string;
  address: string;
  reading: Reading;
  className?: string;
  width?: number;
}) {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), DWELL_MS);
    return () => clearTimeout(timer);
  }, []);
  const history = useQuery({
    ...historyQuery(id, address, reading.driver, SPAN_MS, POINTS),
    enabled: isSettled,
  });
  const arrived = useRef<{ time: number; value: number }[]>([]);
  const at = Date.parse(reading.raw.changedAt);
  if (reading.number !== null && arrived.current.at(-1)?.time !== at) {
    arrived.current = [...arrived.current.slice(-POINTS), { time: at, value: reading.number }];
  }
  const known = history.data;
  const until = known?.times.at(-1) ?? 0;
  const newer = arrived.current.filter(({ time }) => time > until);
  const times = [...(known?.times ?? []), ...newer.map(({ time }) => time)];
  const values = [...(known?.values ?? []), ...newer.map(({ value }) => value)];
  return (
    <span className={className}>
      {values.length > 1 ? (
        <Sparkline
          label={t.nodes.spark(reading.name)}
          values={values}
          times={times}
          width={width}
          height={28}
        />
      ) : (
        <span className="block h-7" style={{ width }} />
      )}
    </span>
  );
}
