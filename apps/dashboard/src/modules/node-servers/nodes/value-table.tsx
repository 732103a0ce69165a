import { unitOf } from '@polyrelay/codecs';
import { ChartLine } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../strings';
import { IconButton } from '../../../ui/button';
import { Switch } from '../../../ui/switch';
import { RelativeTime } from '../../../ui/time';
import type { Reading } from './describe';
import { Spark } from './spark';
import { Value } from './value';

interface Props {
  id: string;
  address: string;
  readings: readonly Reading[];
  onPlot: (plot: string) => void;
}

/** Every value with its line and when it changed; the raw driver on demand. */
export function ValueTable({ id, address, readings, onPlot }: Props) {
  const [isRaw, setRaw] = useState(false);
  if (readings.length === 0) return <p className="py-2 text-soft">{t.nodes.noValues}</p>;
  return (
    <>
      <dl>
        {readings.map((reading) => (
          <div
            key={reading.driver}
            className="flex flex-wrap items-center gap-x-3 border-b border-line py-1.5 last:border-0"
          >
            <dt className="min-w-0 flex-1 basis-28">
              {reading.name}
              {isRaw && <Raw reading={reading} />}
            </dt>
            <dd className="text-right font-medium">
              <Value text={reading.text} changedAt={reading.raw.changedAt} />
            </dd>
            <dd className="hidden w-28 text-right text-sm text-faint sm:block">
              <RelativeTime at={reading.raw.changedAt} />
            </dd>
            <dd className="flex w-7 items-center justify-end gap-1 sm:w-27">
              {reading.number !== null && (
                <>
                  {reading.isQuantity && (
                    <Spark id={id} address={address} reading={reading} width={72} className="max-sm:hidden" />
                  )}
                  <IconButton
                    icon={ChartLine}
                    size="sm"
                    label={t.nodes.plot(reading.name)}
                    onClick={() => onPlot(`${address}.${reading.driver}`)}
                  />
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-2">
        <Switch label={t.nodes.raw} checked={isRaw} onChange={setRaw} />
      </div>
    </>
  );
}

function Raw({ reading: { driver, raw } }: { reading: Reading }) {
  const unit = unitOf(raw.uom);
  return (
    <code className="block font-mono text-xs text-soft">
      {driver} = {JSON.stringify(raw.value)} · uom {String(raw.uom)}
      {unit.name && ` (${unit.name})`}
    </code>
  );
}
