import type { Notice } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { IconButton } from '../../../ui/button';
import { ConfirmDialog } from '../../../ui/confirm';
import { sanitise } from '../../../ui/sanitise';
import { Empty, Loaded, Skeleton } from '../../../ui/states';
import { RelativeTime } from '../../../ui/time';
import type { ServerFacts } from '../node-map';
import { base, noticesQuery } from '../queries';
import { SignInLink } from '../sign-in-link';

/** What the node server asks of the user; a sign-in comes first and large. */
export function NoticesTab({ server }: { server: ServerFacts }) {
  const notices = useQuery(noticesQuery(server.id));
  const client = useQueryClient();
  const [removed, setRemoved] = useState<Notice | null>(null);
  const remove = async () => {
    if (!removed) return;
    await api.delete(`${base(server.id)}/notices/${encodeURIComponent(removed.key)}`);
    client.setQueryData(noticesQuery(server.id).queryKey, (list) =>
      list?.filter(({ key }) => key !== removed.key),
    );
    toast.success(t.notices.removed);
  };
  return (
    <Loaded query={notices} skeleton={<Skeleton rows={2} className="h-24" />}>
      {(list) =>
        list.length === 0 ? (
          <Empty icon={CircleCheck} title={t.notices.emptyTitle}>
            {t.notices.emptyText}
          </Empty>
        ) : (
          <>
            <ul className="flex flex-col gap-3">
              {[...list]
                .sort((a, b) => Number(b.signInUrl !== null) - Number(a.signInUrl !== null))
                .map((notice) => (
                  <NoticeCard key={notice.key} notice={notice} onRemove={() => setRemoved(notice)} />
                ))}
            </ul>
            <ConfirmDialog
              isOpen={removed !== null}
              onClose={() => setRemoved(null)}
              title={t.notices.removeTitle}
              action={t.notices.remove}
              onConfirm={remove}
            >
              {t.notices.removeText}
            </ConfirmDialog>
          </>
        )
      }
    </Loaded>
  );
}

function NoticeCard({ notice, onRemove }: { notice: Notice; onRemove: () => void }) {
  const html = useMemo(() => sanitise(notice.html), [notice.html]);
  return (
    <li
      className={`rounded-lg border bg-card p-4 shadow-card ${notice.signInUrl ? 'border-accent' : 'border-line'}`}
    >
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by the service and once more just now */}
          <div className="prose-notice" dangerouslySetInnerHTML={{ __html: html }} />
          <p className="mt-1.5 text-sm text-faint">
            <RelativeTime at={notice.raisedAt} /> · <code className="font-mono text-xs">{notice.key}</code>
          </p>
        </div>
        <IconButton icon={X} size="sm" label={t.notices.removeKey(notice.key)} onClick={onRemove} />
      </div>
      {notice.signInUrl && (
        <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
          <SignInLink url={notice.signInUrl} provider={notice.provider} />
          <p className="text-sm text-soft">{t.notices.signInHint}</p>
        </div>
      )}
    </li>
  );
}
