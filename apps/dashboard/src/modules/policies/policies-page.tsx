import type { Policy, PolicyLimits, PolicyList } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api';
import { count, exact } from '../../lib/format';
import { useUser } from '../../lib/session';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Chip } from '../../ui/badge';
import { Button } from '../../ui/button';
import { ConfirmDialog } from '../../ui/confirm';
import { Facts } from '../../ui/facts';
import { Card, PageHeader } from '../../ui/page';
import { Loaded, Skeleton } from '../../ui/states';
import { limitNames } from './limits';
import { LimitsDialog } from './limits-dialog';
import { PolicyGauges } from './policy-gauges';
import { policiesQuery, policyPath, type Whose } from './queries';

type UserPolicy = PolicyList['users'][number];
type Edited = { whose: Whose; limits: PolicyLimits; usage: Policy['usage'] | null };

/** What users may do at most, and how much of it each uses; for administrators. */
export default function PoliciesPage() {
  const policies = useQuery(policiesQuery);
  const client = useQueryClient();
  const [edited, setEdited] = useState<Edited | null>(null);
  const [reset, setReset] = useState<(Whose & { kind: 'user' }) | null>(null);
  const takeAway = async () => {
    if (!reset) return;
    await api.delete(policyPath(reset));
    await client.invalidateQueries({ queryKey: policiesQuery.queryKey });
    toast.success(t.policies.takenAway(reset.email));
  };
  return (
    <>
      <PageHeader title={t.policies.title} below={t.policies.text} />
      <Loaded query={policies} skeleton={<Skeleton rows={3} className="h-32" />}>
        {(list) => (
          <div className="flex flex-col gap-5">
            <DefaultCard
              limits={list.default}
              onEdit={() => setEdited({ whose: { kind: 'default' }, limits: list.default, usage: null })}
            />
            <Card title={t.policies.users} isFlush>
              <ul aria-label={t.policies.users} className="divide-y divide-line">
                {list.users.map((user) => (
                  <UserRow
                    key={user.userId}
                    user={user}
                    onEdit={() => setEdited({ whose: whoseOf(user), limits: user.limits, usage: user.usage })}
                    onReset={() => setReset(whoseOf(user))}
                  />
                ))}
              </ul>
              {list.users[0] && (
                <p className="border-t border-line px-4 py-3 text-sm text-faint">
                  {t.usage.month} {t.policies.period}: {exact(Date.parse(list.users[0].periodEnd))}.
                </p>
              )}
            </Card>
          </div>
        )}
      </Loaded>
      {edited && <LimitsDialog {...edited} onClose={() => setEdited(null)} />}
      <ConfirmDialog
        isOpen={reset !== null}
        onClose={() => setReset(null)}
        title={t.policies.takeAwayTitle(reset?.email ?? '')}
        action={t.policies.takeAway}
        onConfirm={takeAway}
      >
        {t.policies.takeAwayText}
        {policies.data && <LimitFacts limits={policies.data.default} />}
      </ConfirmDialog>
    </>
  );
}

const whoseOf = ({ userId, email }: UserPolicy) => ({ kind: 'user' as const, userId, email });

function DefaultCard({ limits, onEdit }: { limits: PolicyLimits; onEdit: () => void }) {
  return (
    <Card
      title={t.policies.default}
      actions={
        <Button size="sm" icon={Pencil} onClick={onEdit} aria-label={t.policies.editDefault}>
          {t.policies.edit}
        </Button>
      }
    >
      <p className="text-soft">{t.policies.defaultText}</p>
      <LimitFacts limits={limits} />
    </Card>
  );
}

function LimitFacts({ limits }: { limits: PolicyLimits }) {
  const written = (name: (typeof limitNames)[number]) => {
    const limit = limits[name];
    if (name === 'retentionDays') return limit === null ? t.policies.forever : t.policies.days(limit);
    if (limit === null) return t.policies.unlimited;
    return name === 'things' ? count(limit) : t.policies.aMonth(count(limit));
  };
  return (
    <Facts
      columns={2}
      facts={limitNames.map((name) => ({ label: t.policies.short[name], value: written(name) }))}
    />
  );
}

function UserRow({ user, onEdit, onReset }: { user: UserPolicy; onEdit: () => void; onReset: () => void }) {
  const isSelf = useUser().id === user.userId;
  return (
    <li className="flex flex-col gap-3 px-4 py-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="flex min-w-0 flex-1 basis-48 flex-wrap items-center gap-2 font-medium wrap-anywhere">
          {user.email}
          {isSelf && <Chip>{t.policies.you}</Chip>}
          <Chip tone={user.own ? 'busy' : 'idle'}>{user.own ? t.policies.own : t.policies.follows}</Chip>
        </p>
        <span className="flex flex-wrap gap-2">
          {user.own && (
            <Button size="sm" onClick={onReset} aria-label={t.policies.takeAwayOf(user.email)}>
              {t.policies.takeAway}
            </Button>
          )}
          <Button size="sm" icon={Pencil} onClick={onEdit} aria-label={t.policies.editOf(user.email)}>
            {t.policies.edit}
          </Button>
        </span>
      </div>
      <PolicyGauges limits={user.limits} usage={user.usage} />
    </li>
  );
}
