import { useEffect, useId, useState } from 'react';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { FieldMessage } from '../../../ui/field';
import { controlClass } from '../../../ui/input';

interface Ends {
  from: string | undefined;
  to: string | undefined;
}

/** A time as the browser's own field takes it: in the reader's zone, to the second. */
export function toLocal(iso: string | undefined): string {
  if (iso === undefined) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

const toIso = (local: string): string | undefined => {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
};

/** From when and until when; an empty end is open. */
export function OwnRange({ from, to, onChange }: Ends & { onChange: (ends: Ends) => void }) {
  const id = useId();
  const [typed, setTyped] = useState({ from: toLocal(from), to: toLocal(to) });
  useEffect(() => setTyped({ from: toLocal(from), to: toLocal(to) }), [from, to]);
  const isWrong = typed.from !== '' && typed.to !== '' && typed.from >= typed.to;
  const set = (next: Partial<typeof typed>) => {
    const all = { ...typed, ...next };
    setTyped(all);
    const ends = { from: toIso(all.from), to: toIso(all.to) };
    const isUsable = ends.from === undefined || ends.to === undefined || ends.from < ends.to;
    if (isUsable) onChange(ends);
  };
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        {(['from', 'to'] as const).map((end) => (
          <label key={end} className="flex min-w-0 items-center gap-2 text-sm font-medium max-sm:w-full">
            <span className="w-10 sm:w-auto">{t.messages[end]}</span>
            <input
              type="datetime-local"
              step={1}
              value={typed[end]}
              onChange={(event) => set({ [end]: event.target.value })}
              aria-invalid={isWrong || undefined}
              aria-describedby={isWrong ? id : undefined}
              className={cx(controlClass, 'h-9 min-w-0 font-normal sm:w-64')}
            />
          </label>
        ))}
      </div>
      {isWrong && <FieldMessage id={id} text={t.messages.badRange} />}
    </div>
  );
}
