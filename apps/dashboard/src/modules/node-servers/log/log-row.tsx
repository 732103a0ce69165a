import type { LogLevel, LogLine } from '@polyrelay/contract';
import { memo } from 'react';
import { copyText } from '../../../lib/clipboard';
import { clockTime, exact } from '../../../lib/format';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { highlight } from './select-lines';

const tones: Record<LogLevel, string> = {
  debug: 'text-faint',
  info: 'text-busy',
  warning: 'text-warn',
  error: 'text-bad',
};

interface Props {
  line: LogLine;
  text: string;
  isChosen: boolean;
  onChoose: (line: number) => void;
}

/** One line: its number (a link to it), time, level and words. */
export const LogRow = memo(function LogRow({ line, text, isChosen, onChoose }: Props) {
  const at = Date.parse(line.at);
  const choose = async () => {
    onChoose(line.n);
    const url = new URL(location.href);
    url.searchParams.set('tab', 'log');
    url.searchParams.set('line', String(line.n));
    if (await copyText(url.href)) toast.success(t.log.linkCopied);
  };
  return (
    <div
      className={cx(
        'flex gap-2 px-3 hover:bg-hover max-sm:flex-wrap max-sm:gap-x-2 max-sm:gap-y-0 max-sm:py-0.5',
        isChosen && 'bg-mark-ground',
        line.level === 'error' && !isChosen && 'bg-bad-ground/50',
      )}
    >
      <button
        type="button"
        aria-label={t.log.linkTo(line.n)}
        onClick={() => void choose()}
        className="w-10 shrink-0 text-right text-faint hover:text-accent hover:underline"
      >
        {line.n}
      </button>
      <time dateTime={line.at} data-tip={exact(at)} className="shrink-0 text-faint">
        {clockTime(at)}
      </time>
      <span className={cx('w-14 shrink-0 font-semibold', tones[line.level])}>{t.log.levels[line.level]}</span>
      <span
        className={cx(
          'min-w-0 flex-1 break-words whitespace-pre-wrap max-sm:basis-full',
          line.stream === 'service' && 'text-accent',
          line.level === 'debug' && 'text-soft',
        )}
      >
        {highlight(line.text, text).map((part, index) =>
          part.isFound ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts of a line have no other identity
            <mark key={index} className="rounded-sm bg-mark text-ink">
              {part.text}
            </mark>
          ) : (
            part.text
          ),
        )}
      </span>
    </div>
  );
});
