import { type Controller, ControllerRequest } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../../lib/api';
import { useForm } from '../../../lib/form';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { controllersQuery } from '../queries';

/** Adds a controller, or changes one. */
export function ControllerDialog({
  controller,
  onClose,
}: {
  controller: Controller | 'new' | null;
  onClose: () => void;
}) {
  const existing = controller === 'new' ? null : controller;
  return (
    <Dialog
      isOpen={controller !== null}
      onClose={onClose}
      title={existing ? t.controllers.editName(existing.name) : t.controllers.add}
    >
      <ControllerForm key={existing?.id} existing={existing} onClose={onClose} />
    </Dialog>
  );
}

function ControllerForm({ existing, onClose }: { existing: Controller | null; onClose: () => void }) {
  const client = useQueryClient();
  const toRequest = ({ name, uuid, version }: { name: string; uuid: string; version: string }) => ({
    name,
    ...(uuid.trim() ? { uuid: uuid.trim() } : {}),
    ...(version.trim() ? { version: version.trim() } : {}),
  });
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { name: existing?.name ?? '', uuid: existing?.uuid ?? '', version: existing?.version ?? '' },
    schema: ControllerRequest,
    toRequest,
    submit: (typed) =>
      existing
        ? api.patch<Controller>(`/api/controllers/${existing.id}`, toRequest(typed))
        : api.post<Controller>('/api/controllers', toRequest(typed)),
    onDone: (saved) => {
      void client.invalidateQueries({ queryKey: controllersQuery.queryKey });
      toast.success(t.controllers.saved(saved.name));
      onClose();
    },
  });
  return (
    <form {...form} className="flex flex-col gap-4">
      <TextField
        label={t.controllers.name}
        autoFocus
        value={values.name}
        onChange={(name) => set('name', name)}
        {...field('name')}
      />
      <TextField
        label={t.controllers.uuid}
        isOptional
        isMono
        hint={t.controllers.uuidHint}
        placeholder="00:21:b9:02:45:1b"
        value={values.uuid}
        onChange={(uuid) => set('uuid', uuid)}
        {...field('uuid')}
      />
      <TextField
        label={t.controllers.version}
        isOptional
        hint={t.controllers.versionHint}
        placeholder="5.0.16"
        value={values.version}
        onChange={(version) => set('version', version)}
        {...field('version')}
      />
      <FormError text={formError} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t.ui.cancel}</Button>
        <Button type="submit" kind="main" isBusy={isBusy}>
          {t.ui.save}
        </Button>
      </div>
    </form>
  );
}
