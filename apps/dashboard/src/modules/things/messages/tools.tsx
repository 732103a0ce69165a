import { Download, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { SearchInput } from '../../../ui/search-input';
import { Segmented } from '../../../ui/segmented';
import { type MessageFilter, messageRanges } from './filter';
import { OwnRange } from './own-range';
import type { MessagesSearch } from './search';

/** What is typed is searched for after this. */
const TYPING_MS = 300;

interface Props {
  filter: MessageFilter;
  counts: { ingress: number; egress: number } | undefined;
  change: (next: MessagesSearch) => void;
  onDownload: () => void;
  onDelete: () => void;
}

/** Which messages are shown, and what can be done with all of them. */
export function Tools({ filter, counts, change, onDownload, onDelete }: Props) {
  const figure = (count: number | undefined) => (count === undefined ? {} : { count });
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label={t.messages.range}
          value={filter.range}
          onChange={(range) =>
            change(range === 'own' ? ownFrom(filter) : { range, from: undefined, to: undefined })
          }
          choices={messageRanges.map((value) => ({ value, label: t.messages.ranges[value] }))}
        />
        <Segmented
          label={t.messages.filter}
          value={filter.type ?? 'all'}
          onChange={(type) => change({ type: type === 'all' ? undefined : type })}
          choices={[
            { value: 'all', label: t.messages.all, ...figure(counts && counts.egress + counts.ingress) },
            { value: 'egress', label: t.messages.types.egress, ...figure(counts?.egress) },
            { value: 'ingress', label: t.messages.types.ingress, ...figure(counts?.ingress) },
          ]}
        />
      </div>
      {filter.range === 'own' && (
        <OwnRange from={filter.from} to={filter.to} onChange={(ends) => change({ range: 'own', ...ends })} />
      )}
      <div className="flex flex-wrap items-center gap-2">
        <TextSearch text={filter.text ?? ''} onChange={(text) => change({ text: text || undefined })} />
        <Button icon={Download} onClick={onDownload}>
          {t.messages.download}
        </Button>
        <Button kind="dangerQuiet" icon={Trash2} onClick={onDelete}>
          {t.messages.delete}
        </Button>
      </div>
    </div>
  );
}

const HOUR_MS = 3_600_000;
const defaults = {
  '1h': HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
  all: 30 * 24 * HOUR_MS,
  own: 0,
};

/** A range of one's own begins as the one that was shown. */
function ownFrom({ range }: MessageFilter): MessagesSearch {
  const minute = 60_000;
  const from = Math.floor((Date.now() - defaults[range]) / minute) * minute;
  return { range: 'own', from: new Date(from).toISOString(), to: undefined };
}

/** Changes the address once typing rests. */
function TextSearch({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onChange(typed), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <SearchInput
      label={t.messages.search}
      value={typed}
      onChange={(next) => setTyped(next.slice(0, 200))}
      className="w-full sm:w-auto sm:max-w-80 sm:flex-1"
    />
  );
}
