import type { LogLine } from '@polyrelay/contract';
import { type RefObject, useLayoutEffect } from 'react';
import { LogRow, ROW_PX } from './log-row';

export interface LinesProps {
  lines: readonly LogLine[];
  text: string;
  isWrapped: boolean;
  chosen: number | undefined;
  onChoose: (line: number) => void;
  scroller: RefObject<HTMLDivElement | null>;
}

/** Rows more than fit, so that a taller window is filled at once. */
const SPARE = 4;

/**
 * The last lines, as many as fit: a quick log replaces all that is seen several times a second, so rows are not
 * measured and each place keeps its elements.
 */
export function LogEnd({ lines, text, isWrapped, chosen, onChoose, scroller }: LinesProps) {
  const height = scroller.current?.clientHeight ?? window.innerHeight;
  const shown = lines.slice(-Math.ceil(height / ROW_PX) - SPARE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs with every new line, and when they are laid out anew
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [lines, isWrapped, scroller]);
  return (
    <>
      <div style={{ height: (lines.length - shown.length) * ROW_PX }} />
      {shown.map((line, place) => (
        <LogRow
          // biome-ignore lint/suspicious/noArrayIndexKey: the place keeps its elements, whatever line is in it
          key={place}
          {...{ line, text, isWrapped, onChoose }}
          isChosen={line.n === chosen}
        />
      ))}
    </>
  );
}
