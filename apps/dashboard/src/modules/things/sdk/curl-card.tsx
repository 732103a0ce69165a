import type { CreatedAccessToken, Thing } from '@polyrelay/contract';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { CodeBlock } from '../../../ui/code-block';
import { CopyWideButton } from '../../../ui/copy';
import { Card } from '../../../ui/page';

const DAY_MS = 86_400_000;
const PLACE = '$ACCESS_TOKEN';

/** The download on the thing itself, by one line; an access token is made for it on demand. */
export function CurlCard({ thing: { name }, curl }: { thing: Thing; curl: string }) {
  const token = useMutation({
    mutationFn: () =>
      api.post<CreatedAccessToken>('/api/access-tokens', {
        name: t.things.tokenName(name).slice(0, 100),
        expiresAt: new Date(Date.now() + DAY_MS).toISOString(),
      }),
    onError: (error) => toast.error(t.things.noToken, { description: error.message }),
  });
  const line = token.data ? curl.replaceAll(PLACE, token.data.token) : curl;
  return (
    <Card title={t.things.onThing}>
      <p className="text-soft">{t.things.onThingText}</p>
      <CodeBlock label={t.things.curl} text={line} className="mt-3" />
      <div className="mt-3 flex flex-wrap gap-2">
        <CopyWideButton text={line} what={t.things.curl} />
        {!token.data && (
          <Button icon={KeyRound} isBusy={token.isPending} onClick={() => token.mutate()}>
            {t.things.makeToken}
          </Button>
        )}
      </div>
      <p className="mt-3 text-sm text-faint">
        {token.data ? t.things.tokenMade : t.things.tokenHint}{' '}
        <Link to="/settings/access-tokens" className="text-accent underline underline-offset-2">
          {t.tokens.title}
        </Link>
      </p>
    </Card>
  );
}
