import { type Session, SignInRequest } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';
import { api } from '../../lib/api';
import { useForm } from '../../lib/form';
import { enterSession, methodsQuery } from '../../lib/session';
import { t } from '../../strings';
import { Button, buttonClass } from '../../ui/button';
import { FormError } from '../../ui/field';
import { PasswordField, TextField } from '../../ui/input';
import { useTitle } from '../../ui/page';
import { PlainPage } from '../../ui/plain-page';
import { Loaded, Skeleton } from '../../ui/states';
import { isServiceLink, safeNext } from './next';

const route = getRouteApi('/sign-in');

/** Password, single sign-on, or both, as the service offers. */
export default function SignInPage() {
  useTitle(t.signIn.title);
  const { error } = route.useSearch();
  const methods = useQuery(methodsQuery);
  return (
    <PlainPage>
      <h1 className="mb-4 text-xl font-semibold">{t.signIn.title}</h1>
      <Loaded query={methods} skeleton={<Skeleton rows={2} className="h-12" />}>
        {({ password, oidc }) => (
          <div className="flex flex-col gap-4">
            {error && <FormError text={t.signIn.failed(error)} />}
            {oidc && (
              <a href={oidc.url} className={buttonClass(password ? 'plain' : 'main')}>
                <LogIn aria-hidden className="size-4" />
                {t.signIn.with(oidc.name)}
              </a>
            )}
            {oidc && password && (
              <div className="flex items-center gap-3 text-sm text-faint">
                <span className="h-px flex-1 bg-line" />
                {t.signIn.or}
                <span className="h-px flex-1 bg-line" />
              </div>
            )}
            {password && <PasswordForm />}
          </div>
        )}
      </Loaded>
    </PlainPage>
  );
}

function PasswordForm() {
  const router = useRouter();
  const { next } = route.useSearch();
  const { values, set, field, form, formError, isBusy } = useForm({
    initial: { email: '', password: '' },
    schema: SignInRequest,
    submit: (request) => api.post<Session>('/api/session', request),
    onDone: (session) => {
      enterSession(session);
      const to = safeNext(next);
      if (isServiceLink(to)) location.assign(to);
      else router.history.push(to);
    },
  });
  return (
    <form {...form} className="flex flex-col gap-4">
      <TextField
        label={t.account.email}
        type="email"
        autoComplete="username"
        autoFocus
        value={values.email}
        onChange={(email) => set('email', email)}
        {...field('email')}
      />
      <PasswordField
        label={t.account.password}
        autoComplete="current-password"
        value={values.password}
        onChange={(password) => set('password', password)}
        {...field('password')}
      />
      <FormError text={formError} />
      <Button type="submit" kind="main" isBusy={isBusy}>
        {t.signIn.action}
      </Button>
    </form>
  );
}
