import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Play, RotateCw } from 'lucide-react';
import type { Attention, AttentionItem } from '../../lib/module';
import { t } from '../../strings';
import { Button, buttonClass } from '../../ui/button';
import { useWorkerAction } from './actions';
import { LogLink } from './log-link';
import { allNoticesQuery, listQuery } from './queries';
import { SignInLink } from './sign-in-link';
import { StartHere } from './start-here';

const subject = (id: string, name: string, tab?: 'notices' | 'log') => (
  <Link
    to="/node-servers/$id"
    params={{ id }}
    search={tab ? { tab } : {}}
    className="font-semibold hover:underline"
  >
    {name}
  </Link>
);

/** What crashed has no process to restart. */
const actionFor = (state: string) => (state === 'crashed' ? 'start' : 'restart');

/** Crashed and silent workers, and every notice that waits for an answer. */
export function useAttention(): Attention {
  const servers = useQuery(listQuery);
  const notices = useQuery(allNoticesQuery);
  const { mutate } = useWorkerAction();
  if (!servers.data || !notices.data) return { isReady: Boolean(servers.error ?? notices.error), items: [] };

  const troubled = servers.data
    .filter(({ state }) => state === 'crashed' || state === 'silent')
    .map(
      ({ id, name, state, stateReason, changedAt, runtime }): AttentionItem => ({
        id: `state ${id}`,
        severity: state === 'crashed' ? 'bad' : 'warn',
        subject: subject(id, name, 'log'),
        body: stateReason || t.nodeServers.stateTexts[state === 'crashed' ? 'crashed' : 'silent'],
        since: changedAt,
        actions: (
          <>
            <LogLink id={id} />
            {runtime !== 'local' && (
              <Button
                size="sm"
                icon={state === 'crashed' ? Play : RotateCw}
                onClick={() => mutate({ id, name, action: actionFor(state) })}
                aria-label={t.actions.of[actionFor(state)](name)}
              >
                {t.actions.words[actionFor(state)]}
              </Button>
            )}
          </>
        ),
      }),
    );

  const asked = notices.data.map(
    (notice): AttentionItem => ({
      id: `notice ${notice.nodeServer.id} ${notice.key}`,
      severity: notice.signInUrl ? 'warn' : 'info',
      subject: subject(notice.nodeServer.id, notice.nodeServer.name, 'notices'),
      body: notice.text,
      since: notice.raisedAt,
      actions: notice.signInUrl ? (
        <SignInLink url={notice.signInUrl} provider={notice.provider} size="sm" />
      ) : (
        <Link
          to="/node-servers/$id"
          params={{ id: notice.nodeServer.id }}
          search={{ tab: 'notices' }}
          className={buttonClass('plain', 'sm')}
        >
          {t.notices.open}
        </Link>
      ),
    }),
  );

  const connected = servers.data.filter((server) => server.connected).length;
  return {
    isReady: true,
    items: [...troubled, ...asked],
    ...(servers.data.length === 0
      ? { start: <StartHere /> }
      : { summary: t.nodeServers.connectedCount(connected, servers.data.length) }),
  };
}
