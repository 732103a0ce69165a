import { ProfileChange, type Session, type User } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api';
import { useForm } from '../../lib/form';
import { sessionQuery, useUser } from '../../lib/session';
import { setTheme, themes, useTheme } from '../../lib/theme';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Button } from '../../ui/button';
import { FormError } from '../../ui/field';
import { PasswordField, TextField } from '../../ui/input';
import { Card, PageHeader } from '../../ui/page';
import { Segmented } from '../../ui/segmented';

/** One's own name, e-mail, password and theme. */
export default function AccountPage() {
  const theme = useTheme();
  return (
    <>
      <PageHeader title={t.account.title} />
      <div className="flex max-w-xl flex-col gap-5">
        <ProfileForm />
        <PasswordForm />
        <Card title={t.theme.label}>
          <Segmented
            label={t.theme.label}
            value={theme}
            onChange={setTheme}
            choices={themes.map((value) => ({ value, label: t.theme[value] }))}
            className="w-fit"
          />
          <p className="mt-2 text-sm text-faint">{t.theme.hint}</p>
        </Card>
      </div>
    </>
  );
}

/** Keeps the shown session true after a change of one's own data. */
function useTakeOver() {
  const client = useQueryClient();
  return (user: User) =>
    client.setQueryData(sessionQuery.queryKey, (session: Session | null | undefined) =>
      session ? { ...session, user } : session,
    );
}

function ProfileForm() {
  const user = useUser();
  const takeOver = useTakeOver();
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { name: user.name, email: user.email },
    schema: ProfileChange,
    submit: (change) => api.patch<User>('/api/users/me', change),
    onDone: (changed) => {
      takeOver(changed);
      toast.success(t.account.saved);
    },
  });
  return (
    <Card title={t.account.profile}>
      <form {...form} className="flex flex-col gap-4">
        <TextField
          label={t.account.name}
          isOptional
          autoComplete="name"
          value={values.name}
          onChange={(name) => set('name', name)}
          {...field('name')}
        />
        <TextField
          label={t.account.email}
          type="email"
          autoComplete="email"
          value={values.email}
          onChange={(email) => set('email', email)}
          {...field('email')}
        />
        <FormError text={formError} />
        <Button type="submit" kind="main" isBusy={isBusy} className="self-start">
          {t.ui.save}
        </Button>
      </form>
    </Card>
  );
}

function PasswordForm() {
  const user = useUser();
  const takeOver = useTakeOver();
  const empty = { currentPassword: '', newPassword: '' };
  const { values, set, field, form, formError, isBusy, reset } = useForm({
    initial: empty,
    schema: ProfileChange.required({ newPassword: true }),
    toRequest: ({ currentPassword, newPassword }) =>
      user.hasPassword ? { currentPassword, newPassword } : { newPassword },
    submit: ({ currentPassword, newPassword }) =>
      api.patch<User>('/api/users/me', user.hasPassword ? { currentPassword, newPassword } : { newPassword }),
    onDone: (changed) => {
      takeOver(changed);
      reset(empty);
      toast.success(t.account.passwordSaved);
    },
  });
  return (
    <Card title={user.hasPassword ? t.account.changePassword : t.account.setPassword}>
      <form {...form} className="flex flex-col gap-4">
        <input
          type="text"
          hidden
          autoComplete="username"
          value={user.email}
          readOnly
          aria-label={t.account.email}
        />
        {user.hasPassword && (
          <PasswordField
            label={t.account.currentPassword}
            autoComplete="current-password"
            value={values.currentPassword}
            onChange={(value) => set('currentPassword', value)}
            {...field('currentPassword')}
          />
        )}
        <PasswordField
          label={t.account.newPassword}
          hint={t.account.passwordHint}
          autoComplete="new-password"
          value={values.newPassword}
          onChange={(value) => set('newPassword', value)}
          {...field('newPassword')}
        />
        <FormError text={formError} />
        <Button type="submit" isBusy={isBusy} className="self-start">
          {t.account.savePassword}
        </Button>
      </form>
    </Card>
  );
}
