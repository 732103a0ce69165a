import { type FormEvent, useState } from 'react';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { controlClass } from '../../../ui/input';
import { Caption } from './caption';
import type { LogSource } from './log-source';

/** Goes to the first line at or after a time, in the reader's own zone. */
export function JumpToTime({ source, onFound }: { source: LogSource; onFound: (line: number) => void }) {
  const [value, setValue] = useState('');
  const [isBusy, setBusy] = useState(false);
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    const at = new Date(value);
    if (Number.isNaN(at.getTime())) {
      toast.error(t.log.noTime);
      return;
    }
    setBusy(true);
    try {
      const line = await source.jump(at);
      if (line === null) toast.error(t.log.nothingThen);
      else onFound(line);
    } catch (error) {
      toast.error(t.log.notJumped, { description: error instanceof Error ? error.message : '' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={onSubmit} className="min-w-0">
      <Caption text={t.log.time}>
        <div className="flex min-w-0 gap-2">
          <input
            type="datetime-local"
            step={1}
            aria-label={t.log.time}
            value={value}
            onChange={(event) => setValue(event.target.value)}
            className={cx(controlClass, 'h-9 min-w-0 sm:w-56')}
          />
          <Button type="submit" isBusy={isBusy}>
            {t.log.jump}
          </Button>
        </div>
      </Caption>
    </form>
  );
}
