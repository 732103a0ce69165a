import type { Overview } from '@polyrelay/contract';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { bytes } from '../../lib/format';
import { t } from '../../strings';
import { Badge } from '../../ui/badge';
import { Card } from '../../ui/page';
import { Elapsed } from '../../ui/time';

interface Part {
  name: string;
  status: 'ok' | 'failing';
  figure: string;
  detail: string;
}

/** Database, broker and disk, each with its figure, and what is wrong in words. */
export function HealthCard({ overview }: { overview: Overview }) {
  const { health, database, broker, disk } = overview;
  const isWell = health.status === 'ok';
  const parts: Part[] = [
    {
      name: t.health.database,
      ...health.database,
      figure: `${t.health.kinds[database.kind]} · ${bytes(database.bytes)}`,
    },
    {
      name: t.health.broker,
      ...health.broker,
      figure: `${t.health.kinds[broker.kind]} · ${t.health.clients(broker.clients)}`,
    },
    {
      name: t.health.disk,
      ...health.disk,
      figure: t.health.free(bytes(disk.freeBytes), bytes(disk.totalBytes)),
    },
  ];
  return (
    <Card
      title={t.health.title}
      actions={<Badge tone={isWell ? 'good' : 'bad'}>{isWell ? t.health.ok : t.health.failing}</Badge>}
    >
      <ul>
        {parts.map((part) => (
          <PartRow key={part.name} part={part} />
        ))}
      </ul>
      <dl className="mt-2 flex flex-wrap gap-x-6 gap-y-1 border-t border-line pt-3 text-sm text-soft">
        <Figure label={t.health.version} value={overview.version} />
        <Figure label={t.health.uptime} value={<Elapsed since={overview.startedAt} isFocusable />} />
        <Figure label={t.health.memory} value={bytes(overview.memoryBytes)} />
      </dl>
    </Card>
  );
}

function PartRow({ part }: { part: Part }) {
  const isOk = part.status === 'ok';
  const Icon = isOk ? CircleCheck : TriangleAlert;
  return (
    <li className="flex items-start gap-3 border-b border-line py-2.5 last:border-0">
      <Icon aria-hidden className={`mt-0.5 size-4.5 shrink-0 ${isOk ? 'text-good' : 'text-bad'}`} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap justify-between gap-x-3">
          <span className="font-medium">
            {part.name}
            <span className="sr-only">: {isOk ? t.health.ok : t.health.failing}</span>
          </span>
          <span className="text-soft">{part.figure}</span>
        </p>
        {!isOk && <p className="text-sm text-bad">{part.detail}</p>}
      </div>
    </li>
  );
}

const Figure = ({ label, value }: { label: string; value: ReactNode }) => (
  <div className="flex gap-1.5">
    <dt className="text-faint">{label}</dt>
    <dd className="text-ink">{value}</dd>
  </div>
);
