import type { LogLevel, LogLine } from '@polyrelay/contract';
import { memo } from 'react';
import { copyText } from '../../../lib/clipboard';
import { clockTime, exact } from '../../../lib/format';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { cx } from '../../../ui/cx';
import { highlight } from './highlight';

/** The height of a line that does not wrap. */
export const ROW_PX = 24;

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
  isWrapped: boolean;
  onChoose: (line: number) => void;
}

/** One line: its number (a link to it), time, level and words. */
export const LogRow = memo(function LogRow({ line, text, isChosen, isWrapped, onChoose }: Props) {
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
        'flex gap-2 px-3 hover:bg-hover max-sm:gap-x-2',
        isWrapped ? 'max-sm:flex-wrap max-sm:gap-y-0 max-sm:py-0.5' : 'w-max min-w-full',
        isChosen && 'bg-mark-ground',
        line.level === 'error' && !isChosen && 'bg-bad-ground/50',
      )}
    >
      <button
        type="button"
        aria-label={t.log.linkTo(line.n)}
        onClick={() => void choose()}
        className="min-w-10 shrink-0 text-right text-faint hover:text-accent hover:underline"
      >
        {line.n}
      </button>
      <time dateTime={line.at} data-tip={exact(at)} className="shrink-0 text-faint">
        {clockTime(at)}
      </time>
      <span className={cx('w-14 shrink-0 font-semibold', tones[line.level])}>{t.log.levels[line.level]}</span>
      <span
        className={cx(
          isWrapped ? 'min-w-0 flex-1 break-words whitespace-pre-wrap max-sm:basis-full' : 'whitespace-pre',
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
