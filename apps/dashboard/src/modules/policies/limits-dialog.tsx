import { type Policy, PolicyLimits } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api';
import { useForm } from '../../lib/form';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { ConfirmDialog } from '../../ui/confirm';
import { Dialog } from '../../ui/dialog';
import { FormError } from '../../ui/field';
import { TextField } from '../../ui/input';
import { deletesMore, exceeded, fromTexts, limitNames, toTexts } from './limits';
import { policiesQuery, policyPath, type Whose } from './queries';

interface Props {
  whose: Whose;
  limits: PolicyLimits;
  /** What is used already; null where it is not one user's. */
  usage: Policy['usage'] | null;
  onClose: () => void;
}

/** Sets limits; asks once more before a shorter retention deletes messages. */
export function LimitsDialog({ whose, limits, usage, onClose }: Props) {
  const client = useQueryClient();
  /** Waits for the answer whether older messages may go. */
  const [asked, setAsked] = useState<PolicyLimits | null>(null);
  const save = async (next: PolicyLimits) => {
    await api.put(policyPath(whose), next);
    await client.invalidateQueries({ queryKey: policiesQuery.queryKey });
    toast.success(t.policies.saved);
    onClose();
  };
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: toTexts(limits),
    schema: PolicyLimits,
    toRequest: fromTexts,
    submit: async (texts) => {
      const next = fromTexts(texts);
      if (deletesMore(limits, next)) setAsked(next);
      else await save(next);
    },
  });
  const over = usage ? exceeded(usage, fromTexts(values)) : [];
  return (
    <>
      <Dialog
        isOpen
        onClose={onClose}
        title={whose.kind === 'default' ? t.policies.editDefault : t.policies.editOf(whose.email)}
        description={t.policies.empty}
      >
        <form {...form} className="flex flex-col gap-4">
          {limitNames.map((name) => (
            <TextField
              key={name}
              label={t.policies.limits[name]}
              hint={t.policies.hints[name]}
              placeholder={name === 'retentionDays' ? t.policies.forever : t.policies.unlimited}
              inputMode="numeric"
              autoComplete="off"
              value={values[name]}
              onChange={(text) => set(name, text)}
              {...field(name)}
            />
          ))}
          {over.length > 0 && (
            <p role="status" className="text-sm text-warn">
              {t.policies.below(over.map((name) => t.policies.short[name]).join(', '))}
            </p>
          )}
          <FormError text={formError} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t.ui.cancel}</Button>
            <Button type="submit" kind="main" isBusy={isBusy}>
              {t.ui.save}
            </Button>
          </div>
        </form>
      </Dialog>
      <ConfirmDialog
        isOpen={asked !== null}
        onClose={() => setAsked(null)}
        title={t.policies.shorterTitle(asked?.retentionDays ?? 0)}
        action={t.policies.shorterAction}
        onConfirm={async () => asked && (await save(asked))}
      >
        {t.policies.shorterText(
          whose.kind === 'default' ? t.policies.everybody : whose.email,
          limits.retentionDays === null ? t.policies.forever : t.policies.forDays(limits.retentionDays),
          asked?.retentionDays ?? 0,
        )}
      </ConfirmDialog>
    </>
  );
}
