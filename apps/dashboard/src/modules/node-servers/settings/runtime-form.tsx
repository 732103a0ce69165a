import { type NodeServer, NodeServerChange, type RuntimeName } from '@polyrelay/contract';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Card } from '../../../ui/page';
import type { ServerFacts } from '../node-map';
import { type LimitValues, limitValues, toLimits } from '../runtime/limits';
import { LimitsFields } from '../runtime/limits-fields';
import { RuntimeChoice } from '../runtime/runtime-choice';
import { isDown } from '../state';
import { useSendChange } from './use-change';

interface Values extends LimitValues {
  runtime: RuntimeName;
}

/** How the worker runs and what it may use, and when a change counts. */
export function RuntimeForm({ server }: { server: ServerFacts }) {
  const send = useSendChange(server);
  const toRequest = (typed: Values) => ({
    // Naming the same one again would restart it.
    ...(typed.runtime === server.runtime ? {} : { runtime: typed.runtime }),
    limits: toLimits(typed),
  });
  const { values, set, field, form, formError, isBusy, reset } = useForm<Values, NodeServer>({
    initial: { runtime: server.runtime, ...limitValues(server.limits) },
    schema: NodeServerChange,
    toRequest,
    fieldOf: (path) => path.replace(/^limits\./, ''),
    submit: (typed) => send(toRequest(typed)),
    onDone: (changed, typed) => {
      reset({ runtime: changed.runtime, ...limitValues(changed.limits) });
      toast.success(t.nodeSettings.saved, { description: effectOf(server, typed.runtime) });
    },
  });
  return (
    <Card title={t.runtime.title}>
      <form {...form} className="flex flex-col gap-4">
        <RuntimeChoice
          columns=""
          value={values.runtime}
          onChange={(runtime) => set('runtime', runtime)}
          error={field('runtime').error}
          noProgram={server.source === null ? t.runtime.noProgram : undefined}
        />
        {values.runtime !== 'local' && (
          <fieldset className="min-w-0">
            <legend className="mb-1.5 text-sm font-medium">{t.runtime.limitsTitle}</legend>
            <p className="mb-3 text-sm text-soft">
              {values.runtime === 'process' ? t.runtime.noLimits : t.runtime.limitsText}
            </p>
            <LimitsFields values={values} onChange={set} field={field} />
          </fieldset>
        )}
        <p className="text-sm text-soft">{effectOf(server, values.runtime)}</p>
        <FormError text={formError} />
        <Button type="submit" isBusy={isBusy} className="self-start">
          {t.runtime.save}
        </Button>
      </form>
    </Card>
  );
}

/** When saving counts. */
function effectOf(server: ServerFacts, runtime: RuntimeName): string {
  if (runtime !== server.runtime) {
    if (runtime === 'local') return t.runtime.effects.toLocal;
    return server.runtime === 'local' || isDown(server.state)
      ? t.runtime.effects.reinstalls
      : t.runtime.effects.restarts;
  }
  if (runtime === 'local') return t.runtime.effects.elsewhere;
  return t.runtime.effects.nextStart;
}
