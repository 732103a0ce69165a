import { UpdateRequest } from '@polyrelay/contract';
import { useForm } from '../../../lib/form';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { FormError } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import type { ServerFacts } from '../node-map';
import { useUpdate } from './use-update';

interface Props {
  server: ServerFacts;
  onClose: () => void;
}

/** Updates to another branch, tag or commit of the same repository, and stays with it. */
export default function RefDialog({ server, onClose }: Props) {
  const update = useUpdate(server);
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { ref: '' },
    schema: UpdateRequest.required(),
    toRequest: ({ ref }) => ({ ref: ref.trim() }),
    submit: ({ ref }) => update({ ref: ref.trim() }),
    onDone: onClose,
  });
  return (
    <Dialog isOpen onClose={onClose} title={t.installation.otherTitle} description={t.installation.otherText}>
      <form {...form} className="flex flex-col gap-4">
        <TextField
          label={t.installation.ref}
          hint={t.installation.refHint}
          isMono
          autoFocus
          autoComplete="off"
          placeholder={server.installed?.ref ?? 'main'}
          value={values.ref}
          onChange={(ref) => set('ref', ref)}
          {...field('ref')}
        />
        <FormError text={formError} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{t.ui.cancel}</Button>
          <Button type="submit" kind="main" isBusy={isBusy}>
            {t.installation.update}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
