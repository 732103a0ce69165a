import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import type { ReactNode } from 'react';
import type { NewToken } from '../lib/use-new-token';
import { t } from '../strings';
import { Button } from './button';
import { CodeBlock } from './code-block';
import { CopyButton } from './copy';
import { Card } from './page';

/** A way to do something from a shell or a program: what it is, and what to copy. */
export const CommandCard = ({
  title,
  about,
  text,
  children,
}: {
  title: string;
  about: ReactNode;
  text: string;
  children?: ReactNode;
}) => (
  <Card title={title} actions={<CopyButton text={text} what={title} />}>
    <p className="mb-3 text-soft">{about}</p>
    {children}
    <CodeBlock label={title} text={text} />
  </Card>
);

/** Above commands: makes the access token that stands in them. `children` choose what it may do. */
export const TokenBar = ({
  token,
  text,
  children,
}: {
  token: NewToken;
  text: string;
  children?: ReactNode;
}) => (
  <div className="flex flex-wrap items-center gap-3">
    {!token.isMade && (
      <Button kind="main" icon={KeyRound} isBusy={token.isBusy} onClick={token.make}>
        {t.tokens.makeHere}
      </Button>
    )}
    {!token.isMade && children}
    <p className="min-w-0 flex-1 basis-72 text-sm text-soft">
      {token.isMade ? t.tokens.madeHere : `${t.tokens.placeHint} ${text}`} <TokensLink />
    </p>
  </div>
);

/** Where access tokens are looked at and revoked. */
export const TokensLink = () => (
  <Link to="/settings/access-tokens" className="text-accent underline underline-offset-2">
    {t.tokens.title}
  </Link>
);
