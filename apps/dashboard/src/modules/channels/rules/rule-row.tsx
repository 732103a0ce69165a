import type { Rule } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { count } from '../../../lib/format';
import { t } from '../../../strings';
import { IconButton } from '../../../ui/button';
import { Switch } from '../../../ui/switch';
import { RelativeTime } from '../../../ui/time';
import { useSwitchRule } from './actions';
import { DeleteRule } from './delete-rule';
import { SourceWords } from './source-words';
import { mappingWords } from './words';

/** One rule: where it takes from, what it has added, and its switch. */
export function RuleRow({ rule }: { rule: Rule }) {
  const [isDeleting, setDeleting] = useState(false);
  const change = useSwitchRule(rule);
  const name = rule.name || t.channels.rules.unnamed;
  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <Link
          to="/channels/$id"
          params={{ id: String(rule.channelId) }}
          search={{ tab: 'rules', rule: rule.id }}
          aria-label={t.channels.rules.edit(name)}
          className="font-medium wrap-anywhere hover:underline"
        >
          {name}
        </Link>
        <p className="text-sm wrap-anywhere text-soft">
          <SourceWords source={rule.source} /> · {mappingWords(rule)}
        </p>
      </div>
      <dl className="flex gap-x-5 text-sm">
        <Figure label={t.channels.rules.columns.added}>{count(rule.added)}</Figure>
        <Figure label={t.channels.rules.columns.last}>
          <RelativeTime at={rule.lastAt} otherwise={t.channels.rules.noneAdded} />
        </Figure>
      </dl>
      <div className="ml-auto flex items-center gap-2">
        <Switch
          label={t.channels.rules.on(name)}
          isLabelHidden
          checked={rule.enabled}
          isBusy={change.isPending}
          onChange={(enabled) => !change.isPending && change.mutate(enabled)}
        />
        <IconButton
          icon={Trash2}
          label={t.channels.rules.deleteName(name)}
          onClick={() => setDeleting(true)}
        />
      </div>
      <DeleteRule rule={rule} isOpen={isDeleting} onClose={() => setDeleting(false)} />
    </li>
  );
}

const Figure = ({ label, children }: { label: string; children: ReactNode }) => (
  <div className="min-w-18">
    <dt className="text-faint">{label}</dt>
    <dd>{children}</dd>
  </div>
);
