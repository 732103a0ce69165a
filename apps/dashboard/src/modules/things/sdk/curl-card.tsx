import type { Thing } from '@polyrelay/contract';
import { KeyRound } from 'lucide-react';
import { useNewToken } from '../../../lib/use-new-token';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { CodeBlock } from '../../../ui/code-block';
import { TokensLink } from '../../../ui/command-card';
import { CopyWideButton } from '../../../ui/copy';
import { Card } from '../../../ui/page';

/** The download on the thing itself, by one line; an access token is made for it on demand. */
export function CurlCard({ thing: { name }, curl }: { thing: Thing; curl: string }) {
  const token = useNewToken({ name: t.things.tokenName(name) });
  const line = token.fill(curl);
  return (
    <Card title={t.things.onThing}>
      <p className="text-soft">{t.things.onThingText}</p>
      <CodeBlock label={t.things.curl} text={line} className="mt-3" />
      <div className="mt-3 flex flex-wrap gap-2">
        <CopyWideButton text={line} what={t.things.curl} />
        {!token.isMade && (
          <Button icon={KeyRound} isBusy={token.isBusy} onClick={token.make}>
            {t.tokens.makeHere}
          </Button>
        )}
      </div>
      <p className="mt-3 text-sm text-faint">
        {token.isMade ? t.tokens.madeHere : t.tokens.placeHint} <TokensLink />
      </p>
    </Card>
  );
}
