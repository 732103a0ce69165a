import type { AccessToken } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Chip } from '../../ui/badge';
import { Button } from '../../ui/button';
import { ConfirmDialog } from '../../ui/confirm';
import { Card, PageHeader } from '../../ui/page';
import { Empty, Loaded, Skeleton } from '../../ui/states';
import { RelativeTime } from '../../ui/time';
import { tokensQuery } from './queries';
import { NewTokenDialog } from './token-dialog';
import { accessWords } from './token-rights';

/** Personal access tokens: make one, see what each was last used for, revoke it. */
export default function TokensPage() {
  const tokens = useQuery(tokensQuery);
  const client = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const [revoked, setRevoked] = useState<AccessToken | null>(null);
  const add = (
    <Button kind="main" icon={Plus} onClick={() => setAdding(true)}>
      {t.tokens.add}
    </Button>
  );
  const revoke = async () => {
    if (!revoked) return;
    await api.delete(`/api/access-tokens/${revoked.id}`);
    await client.invalidateQueries({ queryKey: tokensQuery.queryKey });
    toast.success(t.tokens.revoked(revoked.name));
  };
  return (
    <>
      <PageHeader title={t.tokens.title} below={t.tokens.text} actions={add} />
      <Loaded query={tokens} skeleton={<Skeleton rows={3} />}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={KeyRound} title={t.tokens.emptyTitle} action={add}>
              {t.tokens.emptyText}
            </Empty>
          ) : (
            <Card isFlush>
              <ul className="divide-y divide-line">
                {list.map((token) => (
                  <TokenRow key={token.id} token={token} onRevoke={() => setRevoked(token)} />
                ))}
              </ul>
            </Card>
          )
        }
      </Loaded>
      <NewTokenDialog isOpen={isAdding} onClose={() => setAdding(false)} />
      <ConfirmDialog
        isOpen={revoked !== null}
        onClose={() => setRevoked(null)}
        title={t.tokens.revokeTitle(revoked?.name ?? '')}
        action={t.tokens.revoke}
        onConfirm={revoke}
      >
        {t.tokens.revokeText}
      </ConfirmDialog>
    </>
  );
}

function TokenRow({ token, onRevoke }: { token: AccessToken; onRevoke: () => void }) {
  const isExpired = token.expiresAt !== null && Date.parse(token.expiresAt) < Date.now();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {token.name}
          <code className="font-mono text-sm font-normal text-faint">{token.prefix}…</code>
          {isExpired && <Chip tone="bad">{t.tokens.expired}</Chip>}
        </p>
        <p className="text-sm text-soft">
          {t.tokens.lastUsed} <RelativeTime at={token.lastUsedAt} otherwise={t.time.never} /> ·{' '}
          {t.tokens.expires} <RelativeTime at={token.expiresAt} otherwise={t.time.never} />
        </p>
        <p className="text-sm wrap-anywhere text-soft">
          {t.tokens.may} {accessWords(token.access)}
        </p>
      </div>
      <Button kind="dangerQuiet" size="sm" onClick={onRevoke} aria-label={t.tokens.revokeName(token.name)}>
        {t.tokens.revoke}
      </Button>
    </li>
  );
}
