import type { Overview } from '@polyrelay/contract';
import { count } from '../../lib/format';
import { t } from '../../strings';
import { Card } from '../../ui/page';
import { Sparkline } from '../../ui/sparkline';

/** How much goes through, minute by minute. */
export function RatesCard({ rates }: { rates: Overview['rates'] }) {
  return (
    <Card title={t.rates.title}>
      <ul>
        {rates.map(({ name, perMinute }) => {
          const last = perMinute.at(-1) ?? 0;
          const most = Math.max(0, ...perMinute);
          return (
            <li key={name} className="flex items-center gap-4 border-b border-line py-2.5 last:border-0">
              <div className="w-32 shrink-0 sm:w-40">
                <p className="text-soft">{t.rates.names[name]}</p>
                <p>
                  <span className="text-xl font-semibold">{count(last)}</span>{' '}
                  <span className="text-sm text-faint">{t.rates.perMinute}</span>
                </p>
              </div>
              <Sparkline
                values={perMinute}
                floor={0}
                width={240}
                height={44}
                isFilled
                label={t.rates.plot(t.rates.names[name], perMinute.length, count(most))}
                className="h-11 min-w-0 flex-1"
              />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
