import { NewUser, type User } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api';
import { useForm } from '../../lib/form';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { FormError } from '../../ui/field';
import { PasswordField, TextField } from '../../ui/input';
import { SelectField } from '../../ui/select';
import { usersQuery } from './queries';

/** Adds a user with a first password to pass on. */
export function NewUserDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t.users.add}>
      <NewUserForm onClose={onClose} />
    </Dialog>
  );
}

function NewUserForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { name: '', email: '', password: '', role: 'member' },
    schema: NewUser,
    submit: (request) => api.post<User>('/api/users', request),
    onDone: (user) => {
      void client.invalidateQueries({ queryKey: usersQuery.queryKey });
      toast.success(t.users.added(user.email));
      onClose();
    },
  });
  return (
    <form {...form} className="flex flex-col gap-4">
      <TextField
        label={t.account.name}
        isOptional
        autoFocus
        autoComplete="off"
        value={values.name}
        onChange={(name) => set('name', name)}
        {...field('name')}
      />
      <TextField
        label={t.account.email}
        type="email"
        autoComplete="off"
        value={values.email}
        onChange={(email) => set('email', email)}
        {...field('email')}
      />
      <PasswordField
        label={t.users.firstPassword}
        hint={t.users.firstPasswordHint}
        autoComplete="new-password"
        value={values.password}
        onChange={(password) => set('password', password)}
        {...field('password')}
      />
      <SelectField
        label={t.users.role}
        hint={t.users.roleHint}
        value={values.role}
        onChange={(role) => set('role', role)}
        {...field('role')}
      >
        <option value="member">{t.users.roles.member}</option>
        <option value="admin">{t.users.roles.admin}</option>
      </SelectField>
      <FormError text={formError} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t.ui.cancel}</Button>
        <Button type="submit" kind="main" isBusy={isBusy}>
          {t.users.add}
        </Button>
      </div>
    </form>
  );
}
