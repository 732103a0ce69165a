import type { Channel, Rule } from '@polyrelay/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, Plus, Workflow } from 'lucide-react';
import { refetchSoon } from '../../../lib/patch';
import { useLive } from '../../../lib/use-live';
import { t } from '../../../strings';
import { buttonClass } from '../../../ui/button';
import { Card } from '../../../ui/page';
import { Empty, Loaded, Skeleton } from '../../../ui/states';
import { rulesQuery } from './queries';
import { RuleEditor } from './rule-editor';
import { RuleRow } from './rule-row';

const route = getRouteApi('/app/channels/$id');

/** Figures of rules follow the channel's messages, so often at the most. */
const FIGURES_MS = 1000;

/** The rules of a channel, or the one that the address says is edited. */
export function RulesTab({ channel: { id } }: { channel: Channel }) {
  const { rule: edited } = route.useSearch();
  const client = useQueryClient();
  const query = rulesQuery(id);
  useLive([`channels/${id}/rules/+`, `channels/${id}/messages`], {
    keeps: [query.queryKey],
    onEvents: (events) => {
      const own = events.filter(({ topic }) => topic.startsWith(`channels/${id}/`));
      if (own.some(({ topic }) => topic.includes('/rules/'))) refetchSoon(client, query.queryKey);
      if (own.some(({ topic }) => topic.endsWith('/messages')))
        refetchSoon(client, query.queryKey, FIGURES_MS);
    },
  });
  const rules = useQuery(query);
  return (
    <Loaded query={rules} skeleton={<Skeleton rows={3} />}>
      {(list) => (edited === undefined ? <RuleList id={id} rules={list} /> : editor(id, edited, list))}
    </Loaded>
  );
}

function editor(channelId: number, edited: string, rules: readonly Rule[]) {
  if (edited === 'new') return <RuleEditor key="new" channelId={channelId} />;
  const rule = rules.find(({ id }) => id === edited);
  if (rule) return <RuleEditor key={rule.id} channelId={channelId} rule={rule} />;
  return (
    <Empty
      icon={Workflow}
      title={t.channels.rules.goneTitle}
      action={
        <Link
          to="/channels/$id"
          params={{ id: String(channelId) }}
          search={{ tab: 'rules' }}
          className={buttonClass('main')}
        >
          <ArrowLeft aria-hidden className="size-4" />
          {t.channels.rules.back}
        </Link>
      }
    >
      {t.channels.rules.goneText}
    </Empty>
  );
}

function RuleList({ id, rules }: { id: number; rules: readonly Rule[] }) {
  const create = (
    <Link
      to="/channels/$id"
      params={{ id: String(id) }}
      search={{ tab: 'rules', rule: 'new' }}
      className={buttonClass('main')}
    >
      <Plus aria-hidden className="size-4" />
      {t.channels.rules.create}
    </Link>
  );
  if (rules.length === 0)
    return (
      <Empty icon={Workflow} title={t.channels.rules.emptyTitle} action={create}>
        {t.channels.rules.emptyText}
      </Empty>
    );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 basis-72 text-soft">{t.channels.rules.text}</p>
        {create}
      </div>
      <Card isFlush>
        <ul aria-label={t.channels.rules.title} className="divide-y divide-line">
          {rules.map((rule) => (
            <RuleRow key={rule.id} rule={rule} />
          ))}
        </ul>
      </Card>
    </div>
  );
}
