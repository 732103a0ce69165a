import type { User } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api';
import { useUser } from '../../lib/session';
import { toast } from '../../lib/toast';
import { t } from '../../strings';
import { Chip } from '../../ui/badge';
import { Button } from '../../ui/button';
import { ConfirmDialog } from '../../ui/confirm';
import { Card, PageHeader } from '../../ui/page';
import { Loaded, Skeleton } from '../../ui/states';
import { RelativeTime } from '../../ui/time';
import { usersQuery } from './queries';
import { NewUserDialog } from './user-dialog';

/** Who may sign in; for administrators. */
export default function UsersPage() {
  const users = useQuery(usersQuery);
  const client = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<User | null>(null);
  const remove = async () => {
    if (!removed) return;
    await api.delete(`/api/users/${removed.id}`);
    await client.invalidateQueries({ queryKey: usersQuery.queryKey });
    toast.success(t.users.removed(removed.email));
  };
  return (
    <>
      <PageHeader
        title={t.users.title}
        below={t.users.text}
        actions={
          <Button kind="main" icon={UserPlus} onClick={() => setAdding(true)}>
            {t.users.add}
          </Button>
        }
      />
      <Loaded query={users} skeleton={<Skeleton rows={2} />}>
        {(list) => (
          <Card isFlush>
            <ul className="divide-y divide-line">
              {list.map((user) => (
                <UserRow key={user.id} user={user} onRemove={() => setRemoved(user)} />
              ))}
            </ul>
          </Card>
        )}
      </Loaded>
      <NewUserDialog isOpen={isAdding} onClose={() => setAdding(false)} />
      <ConfirmDialog
        isOpen={removed !== null}
        onClose={() => setRemoved(null)}
        title={t.users.removeTitle(removed?.email ?? '')}
        action={t.users.remove}
        typed={removed?.email ?? ''}
        onConfirm={remove}
      >
        {t.users.removeText}
      </ConfirmDialog>
    </>
  );
}

function UserRow({ user, onRemove }: { user: User; onRemove: () => void }) {
  const isSelf = useUser().id === user.id;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {user.name || user.email}
          <Chip tone={user.role === 'admin' ? 'busy' : 'idle'}>{t.users.roles[user.role]}</Chip>
          {isSelf && <Chip>{t.users.you}</Chip>}
        </p>
        <p className="text-sm text-soft">
          {user.name && `${user.email} · `}
          {t.users.lastSignIn} <RelativeTime at={user.lastSignInAt} />
        </p>
      </div>
      {!isSelf && (
        <Button kind="dangerQuiet" size="sm" onClick={onRemove} aria-label={t.users.removeName(user.email)}>
          {t.users.remove}
        </Button>
      )}
    </li>
  );
}
