import { type Session, SetupRequest } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { api } from '../../lib/api';
import { useForm } from '../../lib/form';
import { enterSession, setupQuery } from '../../lib/session';
import { t } from '../../strings';
import { Button, buttonClass } from '../../ui/button';
import { FormError } from '../../ui/field';
import { PasswordField, TextField } from '../../ui/input';
import { useTitle } from '../../ui/page';
import { PlainPage } from '../../ui/plain-page';
import { Loaded, Skeleton } from '../../ui/states';

const route = getRouteApi('/setup');

/** The one-time link of the first start leads here: makes the first user and signs in. */
export default function SetupPage() {
  useTitle(t.setup.title);
  const { token } = route.useSearch();
  const status = useQuery(setupQuery);
  return (
    <PlainPage>
      <Loaded query={status} skeleton={<Skeleton rows={3} className="h-12" />}>
        {({ needed }) => (needed ? <SetupForm token={token ?? ''} /> : <AlreadyDone />)}
      </Loaded>
    </PlainPage>
  );
}

function SetupForm({ token }: { token: string }) {
  const navigate = useNavigate();
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { name: '', email: '', password: '', token },
    schema: SetupRequest,
    submit: (request) => api.post<Session>('/api/setup', request),
    onDone: (session) => {
      enterSession(session);
      void navigate({ to: '/' });
    },
  });
  return (
    <form {...form} className="flex flex-col gap-4">
      <div>
        <h1 className="text-xl font-semibold">{t.setup.title}</h1>
        <p className="mt-1 text-soft">{t.setup.text}</p>
      </div>
      <TextField
        label={t.account.name}
        isOptional
        autoComplete="name"
        autoFocus
        value={values.name}
        onChange={(name) => set('name', name)}
        {...field('name')}
      />
      <TextField
        label={t.account.email}
        type="email"
        autoComplete="username"
        value={values.email}
        onChange={(email) => set('email', email)}
        {...field('email')}
      />
      <PasswordField
        label={t.account.password}
        hint={t.account.passwordHint}
        autoComplete="new-password"
        value={values.password}
        onChange={(password) => set('password', password)}
        {...field('password')}
      />
      {(token === '' || field('token').error) && (
        <TextField
          label={t.setup.token}
          hint={t.setup.tokenHint}
          isMono
          value={values.token}
          onChange={(value) => set('token', value)}
          {...field('token')}
        />
      )}
      <FormError text={formError} />
      <Button type="submit" kind="main" isBusy={isBusy}>
        {t.setup.action}
      </Button>
    </form>
  );
}

function AlreadyDone() {
  return (
    <div className="flex flex-col gap-4">
      <div>
        <h1 className="text-xl font-semibold">{t.setup.doneTitle}</h1>
        <p className="mt-1 text-soft">{t.setup.doneText}</p>
      </div>
      <Link to="/sign-in" className={buttonClass('main')}>
        {t.signIn.action}
      </Link>
    </div>
  );
}
