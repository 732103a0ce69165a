import type { LogLine } from '@polyrelay/contract';
import { type RefObject, useEffect, useRef, useState } from 'react';
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
  const [height, setHeight] = useState(scroller.current?.clientHeight ?? window.innerHeight);
  const shown = lines.slice(-Math.ceil(height / ROW_PX) - SPARE);
  const content = useRef<HTMLDivElement>(null);
  // After each layout and before it is seen: new lines, others that wrap, a window or phone that is turned. In an
  // effect the height may still be the one before.
  useEffect(() => {
    const element = scroller.current;
    if (!element || !content.current) return;
    const observer = new ResizeObserver(() => {
      setHeight(element.clientHeight);
      element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    observer.observe(content.current);
    return () => observer.disconnect();
  }, [scroller]);
  return (
    <div ref={content}>
      <div style={{ height: (lines.length - shown.length) * ROW_PX }} />
      {shown.map((line, place) => (
        <LogRow
          // biome-ignore lint/suspicious/noArrayIndexKey: the place keeps its elements, whatever line is in it
          key={place}
          {...{ line, text, isWrapped, onChoose }}
          isChosen={line.n === chosen}
        />
      ))}
    </div>
  );
}
