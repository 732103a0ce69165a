import { t } from '../../../strings';
import type { Series } from '../../../ui/plot';

/** Least, mean, most and last of each plotted value: the plot in words. */
export function Stats({ series }: { series: readonly Series[] }) {
  return (
    <div className="mt-3 flex flex-col gap-3">
      {series.map((each) => {
        const known = each.values.filter((value): value is number => value !== null);
        if (known.length === 0) return null;
        const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
        const figures: [string, number][] = [
          [t.plot.least, Math.min(...known)],
          [t.plot.mean, Number(mean.toFixed(2))],
          [t.plot.most, Math.max(...known)],
          [t.plot.last, known.at(-1) as number],
        ];
        return (
          <section key={each.label} aria-label={each.label}>
            {series.length > 1 && <h3 className="mb-1 text-sm font-medium">{each.label}</h3>}
            <dl className="grid grid-cols-2 gap-2 sm:grid-cols-4">
              {figures.map(([name, value]) => (
                <div key={name} className="rounded-md bg-sunken px-3 py-2">
                  <dt className="text-xs text-faint">{name}</dt>
                  <dd className="font-medium">{each.format(value)}</dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
}
