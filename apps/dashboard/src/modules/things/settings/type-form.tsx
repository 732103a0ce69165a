import { type Thing, ThingChange } from '@polyrelay/contract';
import { useId } from 'react';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { Card } from '../../../ui/page';
import { useSendChange } from '../actions';

/** What kind of computer it is; its name stays, for certificate and topics carry it. */
export function TypeForm({ thing }: { thing: Thing }) {
  const send = useSendChange(thing.id);
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { type: thing.type },
    schema: ThingChange,
    submit: send,
    onDone: () => toast.success(t.things.saved),
  });
  const types = useId();
  return (
    <Card title={t.things.general}>
      <form {...form} className="flex flex-col gap-4">
        <TextField
          label={t.things.type}
          hint={t.things.typeHint}
          isOptional
          list={types}
          autoComplete="off"
          value={values.type}
          onChange={(type) => set('type', type)}
          {...field('type')}
        />
        <datalist id={types}>
          {t.things.types.map((type) => (
            <option key={type} value={type} />
          ))}
        </datalist>
        <p className="text-sm text-faint">{t.things.nameStays}</p>
        <FormError text={formError} />
        <Button type="submit" isBusy={isBusy} className="self-start">
          {t.ui.save}
        </Button>
      </form>
    </Card>
  );
}
