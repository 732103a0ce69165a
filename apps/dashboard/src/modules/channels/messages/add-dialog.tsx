import type { Appended, Channel } from '@polyrelay/contract';
import { useMutation } from '@tanstack/react-query';
import { Clock, Plus } from 'lucide-react';
import { type FormEvent, useMemo, useState } from 'react';
import { api } from '../../../lib/api';
import { bytes } from '../../../lib/format';
import { isMac } from '../../../lib/platform';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { FormError } from '../../../ui/field';
import { TextArea } from '../../../ui/input';
import { exampleOf, readDraft } from './draft';
import { messagesPath } from './queries';

interface Props {
  channel: Channel;
  isOpen: boolean;
  onClose: () => void;
}

/** What was typed for each channel, while the page lives: looking elsewhere loses nothing. */
const drafts = new Map<number, string>();

/** Adds messages by hand, to see what becomes of them. */
export const AddDialog = ({ channel, isOpen, onClose }: Props) => (
  <Dialog
    isOpen={isOpen}
    onClose={onClose}
    title={t.channels.add.title}
    description={t.channels.add.text}
    size="md"
  >
    <AddForm channel={channel} onClose={onClose} />
  </Dialog>
);

function AddForm({ channel: { id }, onClose }: Omit<Props, 'isOpen'>) {
  const [draft, setDraft] = useState(() => drafts.get(id) ?? exampleOf(Date.now()));
  const [isMissing, setMissing] = useState(false);
  const reading = useMemo(() => readDraft(draft), [draft]);
  const type = (text: string) => {
    drafts.set(id, text);
    setDraft(text);
    setMissing(false);
    add.reset();
  };
  const add = useMutation({
    mutationFn: (json: string) => api.postJson<Appended>(messagesPath(id), json),
    onSuccess: ({ count }) => {
      toast.success(t.channels.add.done(count));
      onClose();
    },
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    setMissing(reading.kind === 'empty');
    if (reading.kind === 'ready' && !add.isPending) add.mutate(draft);
  };
  const error =
    reading.kind === 'bad'
      ? reading.message
      : isMissing && reading.kind === 'empty'
        ? t.channels.add.empty
        : undefined;
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <TextArea
        label={t.channels.add.json}
        hint={t.channels.add.hint}
        error={error}
        rows={10}
        autoFocus
        value={draft}
        onChange={type}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          submit();
        }}
      />
      <FormError text={add.error?.message} />
      <div className="flex flex-wrap items-center gap-2">
        <Button icon={Clock} onClick={() => type(exampleOf(Date.now()))}>
          {t.channels.add.example}
        </Button>
        <span className="text-sm text-faint max-sm:hidden">
          {reading.kind === 'ready' && `${bytes(reading.bytes)} · `}
          {t.channels.add.keys(isMac ? '⌘ Enter' : 'Ctrl Enter')}
        </span>
        <Button type="submit" kind="main" icon={Plus} isBusy={add.isPending} className="ml-auto">
          {reading.kind === 'ready' ? t.channels.add.action(reading.count) : t.channels.add.action(1)}
        </Button>
      </div>
    </form>
  );
}
