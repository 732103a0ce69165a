import { t } from '../../../strings';
import { Fold } from '../../../ui/fold';
import { Card } from '../../../ui/page';
import { limitNames } from '../runtime/limits';
import { LimitsFields } from '../runtime/limits-fields';
import { RuntimeChoice } from '../runtime/runtime-choice';
import type { Register } from './use-register';

/** How the program runs here, and what it may use. */
export function RuntimeStep({ register: { values, set, field } }: { register: Register }) {
  return (
    <Card title={t.runtime.title}>
      <div className="flex flex-col gap-4">
        <RuntimeChoice
          isOurs
          value={values.runtime}
          onChange={(runtime) => set('runtime', runtime)}
          error={field('runtime').error}
        />
        <Fold title={t.runtime.limitsTitle} isNeeded={limitNames.some((name) => field(name).error)}>
          <div className="mt-3 flex flex-col gap-3">
            <p className="text-sm text-soft">{t.runtime.limitsText}</p>
            <LimitsFields values={values} onChange={set} field={field} />
          </div>
        </Fold>
      </div>
    </Card>
  );
}
