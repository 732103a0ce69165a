import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { buttonClass } from '../../../ui/button';
import { noticesQuery } from '../queries';
import { SignInLink } from '../sign-in-link';

/** A notice that asks for a sign-in, for whoever looks at another tab. */
export function SignInBanner({ id }: { id: string }) {
  const { data: notices = [] } = useQuery(noticesQuery(id));
  const notice = notices.find(({ signInUrl }) => signInUrl !== null);
  if (!notice?.signInUrl) return null;
  return (
    <Banner
      tone="warn"
      title={t.notices.waits}
      actions={
        <>
          <SignInLink url={notice.signInUrl} provider={notice.provider} size="sm" />
          <Link
            to="/node-servers/$id"
            params={{ id }}
            search={{ tab: 'notices' }}
            className={buttonClass('plain', 'sm')}
          >
            {t.notices.open}
          </Link>
        </>
      }
    >
      <p className="line-clamp-2">{notice.text}</p>
    </Banner>
  );
}
