import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH, type Thing } from '@polyrelay/contract';
import { Braces, Send } from 'lucide-react';
import { type FormEvent, useMemo, useState } from 'react';
import { bytes } from '../../../lib/format';
import { isMac } from '../../../lib/platform';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { FormError } from '../../../ui/field';
import { TextArea } from '../../../ui/input';
import { Card } from '../../../ui/page';
import { Segmented } from '../../../ui/segmented';
import { type Draft, type Reading, readDraft } from './draft';
import { useSend } from './use-send';

const most = bytes(MAX_MESSAGE_BYTES);

/** What is wrong with a draft, in words; nothing while there is nothing. */
function problemOf(reading: Reading): string | undefined {
  switch (reading.kind) {
    case 'broken':
      return t.send.notJson(reading.line, reading.column);
    case 'tooLarge':
      return t.send.tooLarge(bytes(reading.bytes), most);
    case 'tooDeep':
      return t.send.tooDeep(MAX_MESSAGE_DEPTH);
    default:
      return undefined;
  }
}

interface Props {
  thing: Thing;
  draft: Draft;
  onChange: (next: Partial<Draft>) => void;
}

/** Text or JSON, judged as one types; what was typed stays until it is sent. */
export function SendForm({ thing, draft, onChange }: Props) {
  const send = useSend(thing);
  const reading = useMemo(() => readDraft(draft), [draft]);
  const [isMissing, setMissing] = useState(false);
  const { kind } = draft;
  const error = problemOf(reading) ?? (isMissing && reading.kind === 'empty' ? t.send.empty : undefined);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    setMissing(reading.kind === 'empty');
    if (reading.kind !== 'ready' || send.isPending) return;
    send.mutate(reading.request, { onSuccess: () => onChange({ [kind]: '' }) });
  };
  const type = (text: string) => {
    send.reset();
    setMissing(false);
    onChange({ [kind]: text });
  };
  return (
    <Card title={t.send.title}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Segmented
          label={t.send.kind}
          value={kind}
          onChange={(next) => onChange({ kind: next })}
          choices={(['text', 'json'] as const).map((value) => ({ value, label: t.send.kinds[value] }))}
          className="w-fit"
        />
        <TextArea
          key={kind}
          label={t.send[kind]}
          hint={kind === 'text' ? t.send.textHint : t.send.jsonHint}
          error={error}
          rows={kind === 'text' ? 4 : 10}
          value={draft[kind]}
          onChange={type}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            submit();
          }}
          placeholder={kind === 'json' ? '{\n  "pump": "on"\n}' : undefined}
          className={cx(kind === 'text' && 'font-sans')}
        />
        <FormError text={send.error?.message} />
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" kind="main" icon={Send} isBusy={send.isPending}>
            {t.send.action}
          </Button>
          {kind === 'json' && reading.kind === 'ready' && (
            <Button
              icon={Braces}
              onClick={() => onChange({ json: JSON.stringify(JSON.parse(draft.json), null, 2) })}
            >
              {t.send.format}
            </Button>
          )}
          <span className="ml-auto text-sm text-faint">
            {'bytes' in reading && t.send.size(bytes(reading.bytes), most)}
            <span className="max-sm:hidden">
              {'bytes' in reading && ' · '}
              {t.send.keysHint(isMac ? '⌘ Enter' : 'Ctrl Enter')}
            </span>
          </span>
        </div>
      </form>
    </Card>
  );
}
