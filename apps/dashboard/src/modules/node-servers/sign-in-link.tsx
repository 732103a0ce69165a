import { LogIn } from 'lucide-react';
import { t } from '../../strings';
import { buttonClass } from '../../ui/button';

/** The way to the provider's sign-in, in this tab: the answer comes back to a page of ours. */
export function SignInLink({
  url,
  provider,
  size = 'md',
}: {
  url: string;
  provider: string | null;
  size?: 'sm' | 'md';
}) {
  return (
    <a href={url} className={`${buttonClass('main', size)} max-w-full`}>
      <LogIn aria-hidden className="size-4 shrink-0" />
      <span className="truncate">{provider ? t.notices.signInAt(provider) : t.notices.signIn}</span>
    </a>
  );
}
