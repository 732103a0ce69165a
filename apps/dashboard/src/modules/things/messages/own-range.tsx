import { useEffect, useId, useState } from 'react';
import { fromLocal, toLocal } from '../../../lib/local-time';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { FieldMessage } from '../../../ui/field';
import { controlClass } from '../../../ui/input';

interface Ends {
  from: string | undefined;
  to: string | undefined;
}

/** From when and until when; an empty end is open. */
export function OwnRange({ from, to, onChange }: Ends & { onChange: (ends: Ends) => void }) {
  const id = useId();
  const [typed, setTyped] = useState({ from: toLocal(from), to: toLocal(to) });
  useEffect(() => setTyped({ from: toLocal(from), to: toLocal(to) }), [from, to]);
  const isWrong = typed.from !== '' && typed.to !== '' && typed.from >= typed.to;
  const set = (next: Partial<typeof typed>) => {
    const all = { ...typed, ...next };
    setTyped(all);
    const ends = { from: fromLocal(all.from), to: fromLocal(all.to) };
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
