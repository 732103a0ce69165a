import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from '../lib/clipboard';
import { shorten } from '../lib/format';
import { toast } from '../lib/toast';
import { t } from '../strings';
import { Button, IconButton } from './button';

function useCopy(text: string) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async () => {
    if (await copyText(text)) {
      setDone(true);
      toast.success(t.ui.copied);
    } else toast.error(t.ui.copyFailed);
  };
  return { isDone, copy };
}

/** Copies a text; `what` names it in the button's name. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { isDone, copy } = useCopy(text);
  return (
    <IconButton
      size="sm"
      icon={isDone ? Check : Copy}
      label={t.ui.copy(what)}
      onClick={() => void copy()}
      className={isDone ? 'text-good' : ''}
    />
  );
}

/** The same as a button with its word. */
export function CopyWideButton({
  text,
  what,
  kind = 'plain',
}: {
  text: string;
  what: string;
  kind?: 'plain' | 'main';
}) {
  const { isDone, copy } = useCopy(text);
  return (
    <Button kind={kind} icon={isDone ? Check : Copy} onClick={() => void copy()} aria-label={t.ui.copy(what)}>
      {t.ui.copyWord}
    </Button>
  );
}

/** An id in monospace, shortened in the middle, copied whole. */
export function CopyId({ id, what, keep = 18 }: { id: string; what: string; keep?: number }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1">
      <code className="truncate font-mono text-sm" data-tip={id.length > keep + 2 ? id : undefined}>
        {shorten(id, keep)}
      </code>
      <CopyButton text={id} what={what} />
    </span>
  );
}
