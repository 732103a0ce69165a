import { type Thing, ThingRequest } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { ApiError, api } from '../../../lib/api';
import { useForm } from '../../../lib/form';
import { useUser } from '../../../lib/session';
import { fullName } from '../../../lib/split-name';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { Switch } from '../../../ui/switch';
import { Stopwatch } from '../../../ui/time';
import { POLICIES, thingQuery } from '../queries';

/** Asks for a name and a type, and has the keys made. */
export function CreateDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t.things.create} description={t.things.createText}>
      <CreateForm onClose={onClose} />
    </Dialog>
  );
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const user = useUser();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [startedAt, setStartedAt] = useState(0);
  const [isOverLimit, setOverLimit] = useState(false);
  const create = async (request: ThingRequest): Promise<Thing> => {
    setStartedAt(Date.now());
    setOverLimit(false);
    try {
      return await api.post<Thing>('/api/things', request);
    } catch (error) {
      setOverLimit(error instanceof ApiError && error.code === 'overLimit');
      throw error;
    }
  };
  const { values, set, touch, field, form, formError, isBusy } = useForm({
    initial: { name: '', type: '', keepPrivateKey: false },
    schema: ThingRequest,
    submit: create,
    onDone: (thing) => {
      client.setQueryData(thingQuery(thing.id).queryKey, thing);
      toast.success(t.things.created(thing.name));
      void navigate({ to: '/things/$id', params: { id: thing.id }, search: { tab: 'sdk' } });
    },
  });
  const types = useId();
  const label = values.name.trim();
  const name = field('name');
  return (
    <form {...form} className="flex flex-col gap-4">
      <TextField
        label={t.things.name}
        hint={
          label === '' ? (
            t.things.nameHint
          ) : name.error ? undefined : (
            <span>
              {t.things.willBe}{' '}
              <code className="font-mono break-all text-soft">{fullName(user.id, label)}</code>
            </span>
          )
        }
        autoFocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder={t.things.nameExample}
        value={values.name}
        onChange={(name) => {
          set('name', name);
          touch('name');
        }}
        {...name}
      />
      <TextField
        label={t.things.type}
        hint={t.things.typeHint}
        isOptional
        list={types}
        autoComplete="off"
        placeholder={t.things.types[0]}
        value={values.type}
        onChange={(type) => set('type', type)}
        {...field('type')}
      />
      <datalist id={types}>
        {t.things.types.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      <Switch
        label={t.things.keepPrivateKey}
        hint={t.things.keepPrivateKeyHint}
        checked={values.keepPrivateKey}
        onChange={(keep) => set('keepPrivateKey', keep)}
      />
      <FormError text={formError} />
      {isOverLimit && user.role === 'admin' && (
        <Link to={POLICIES} className={buttonClass('plain', 'sm')}>
          {t.things.toPolicies}
        </Link>
      )}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {isBusy && (
          <span role="status" className="mr-auto text-sm text-soft">
            {t.things.making} <Stopwatch since={startedAt} />
          </span>
        )}
        <Button onClick={onClose}>{t.ui.cancel}</Button>
        <Button type="submit" kind="main" isBusy={isBusy}>
          {t.things.create}
        </Button>
      </div>
    </form>
  );
}
