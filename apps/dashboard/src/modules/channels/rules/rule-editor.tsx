import { type Rule, RuleRequest } from '@polyrelay/contract';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { useSaveRule } from './actions';
import { DeleteRule } from './delete-rule';
import { KeepFields } from './keep-fields';
import { PreviewPanel } from './preview-panel';
import { RenameFields } from './rename-fields';
import { fieldOf, requestOf, ruleErrors, ruleValues } from './rule-form';
import { SourceFields } from './source-fields';
import { usePreview } from './use-preview';

interface Props {
  channelId: number;
  /** Left out: a new one. */
  rule?: Rule;
}

/** What a rule takes and makes of it, and beside it what comes out. */
export function RuleEditor({ channelId, rule }: Props) {
  const navigate = useNavigate();
  const save = useSaveRule(channelId, rule?.id);
  const [isDeleting, setDeleting] = useState(false);
  const heading = useId();
  const list = {
    to: '/channels/$id',
    params: { id: String(channelId) },
    search: { tab: 'rules' },
  } as const;
  const { values, set, touch, field, errors, form, formError, isBusy } = useForm({
    initial: ruleValues(rule),
    schema: RuleRequest,
    toRequest: requestOf,
    extra: ruleErrors,
    fieldOf,
    submit: (typed) => save(requestOf(typed)),
    onDone: () => {
      toast.success(rule ? t.channels.rules.saved : t.channels.rules.created);
      void navigate(list);
    },
  });
  const preview = usePreview(channelId, values);
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <section aria-labelledby={heading} className="flex min-w-0 flex-col gap-5">
        <div>
          <Link {...list} className="inline-flex items-center gap-1 text-sm text-soft hover:text-ink">
            <ArrowLeft aria-hidden className="size-4" />
            {t.channels.rules.back}
          </Link>
          <h2 id={heading} className="mt-1 text-lg font-semibold">
            {rule ? t.channels.rules.editTitle : t.channels.rules.createTitle}
          </h2>
        </div>
        <form {...form} aria-labelledby={heading} className="flex min-w-0 flex-col gap-6">
          <TextField
            label={t.channels.rules.name}
            hint={t.channels.rules.nameHint}
            isOptional
            autoFocus={rule === undefined}
            autoComplete="off"
            placeholder={t.channels.rules.nameExample}
            value={values.name}
            onChange={(name) => set('name', name)}
            {...field('name')}
          />
          <SourceFields values={values} set={set} field={field} />
          <KeepFields values={values} set={set} seen={preview.fields} error={field('keep').error} />
          <RenameFields
            values={values}
            set={set}
            seen={preview.fields}
            errors={field('rename').error === undefined ? {} : errors}
            onLeave={() => touch('rename')}
          />
          <FormError text={formError} />
          <div className="flex flex-wrap justify-end gap-2">
            {rule && (
              <Button kind="dangerQuiet" icon={Trash2} onClick={() => setDeleting(true)} className="mr-auto">
                {t.channels.rules.delete}
              </Button>
            )}
            <Link {...list} className={buttonClass()}>
              {t.ui.cancel}
            </Link>
            <Button type="submit" kind="main" isBusy={isBusy}>
              {rule ? t.ui.save : t.channels.rules.create}
            </Button>
          </div>
        </form>
      </section>
      <PreviewPanel preview={preview} kind={values.kind} />
      {rule && (
        <DeleteRule
          rule={rule}
          isOpen={isDeleting}
          onClose={() => setDeleting(false)}
          onDeleted={() => void navigate(list)}
        />
      )}
    </div>
  );
}
