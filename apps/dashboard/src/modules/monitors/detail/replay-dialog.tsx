import type { Monitor } from '@polyrelay/contract';
import { type FormEvent, useState } from 'react';
import { exact } from '../../../lib/format';
import { fromLocal, toLocal } from '../../../lib/local-time';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { Dialog } from '../../../ui/dialog';
import { Field, FormError } from '../../../ui/field';
import { controlClass } from '../../../ui/input';
import { useReplay } from '../actions';
import { lagWords } from '../status';

interface Props {
  monitor: Monitor;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks from when on events are sent again. */
export const ReplayDialog = ({ monitor, isOpen, onClose }: Props) => (
  <Dialog
    isOpen={isOpen}
    onClose={onClose}
    title={t.monitors.replay.title}
    description={t.monitors.replay.text}
  >
    <ReplayForm monitor={monitor} onClose={onClose} />
  </Dialog>
);

const ago = (seconds: number): string => toLocal(new Date(Date.now() - seconds * 1000).toISOString());

function ReplayForm({ monitor: { id }, onClose }: Omit<Props, 'isOpen'>) {
  const replay = useReplay(id);
  const [local, setLocal] = useState(() => ago(3600));
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isTouched, setTouched] = useState(false);
  const from = fromLocal(local);
  const isBad = from === undefined || Date.parse(from) > Date.now();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (isBad || isBusy) return;
    setBusy(true);
    setError(null);
    try {
      const { from: begins, lag } = await replay(from);
      const text =
        begins === null
          ? t.monitors.replay.nothing
          : t.monitors.replay.doneText(lagWords(lag), exact(Date.parse(begins)));
      toast.success(t.monitors.replay.done, { description: text });
      onClose();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <Field
        label={t.monitors.replay.from}
        error={isBad && (isTouched || local !== '') ? t.monitors.replay.bad : undefined}
      >
        {(control) => (
          <input
            {...control}
            type="datetime-local"
            step={1}
            max={toLocal(new Date().toISOString())}
            value={local}
            onChange={(event) => setLocal(event.target.value)}
            className={cx(controlClass, 'h-9')}
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-2">
        {Object.entries(t.monitors.replay.presets).map(([seconds, label]) => (
          <Button key={seconds} size="sm" onClick={() => setLocal(ago(Number(seconds)))}>
            {label}
          </Button>
        ))}
      </div>
      <FormError text={error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.ui.cancel}</Button>
        <Button type="submit" kind="main" isBusy={isBusy}>
          {t.monitors.replay.confirm}
        </Button>
      </div>
    </form>
  );
}
