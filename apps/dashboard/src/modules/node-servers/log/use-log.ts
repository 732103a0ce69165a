import { useEffect, useState, useSyncExternalStore } from 'react';
import { type LogFilter, LogSource, type LogState } from './log-source';

/** What is typed is searched for after this. */
const TYPING_MS = 250;

/** A worker's log that passes a filter; a new filter is a new log. */
export function useLog(id: string, filter: LogFilter): LogSource {
  const { level } = filter;
  const text = useSettled(filter.text);
  const [made, setMade] = useState(() => ({ id, level, text, source: new LogSource(id, { level, text }) }));
  if (made.id !== id || made.level !== level || made.text !== text)
    setMade({ id, level, text, source: new LogSource(id, { level, text }) });
  const { source } = made;
  useEffect(() => source.open(), [source]);
  return source;
}

/** A part of a log's state: whoever reads a part that stays the same is not drawn again. */
export const useLogState = <T>(source: LogSource, select: (state: LogState) => T): T =>
  useSyncExternalStore(source.subscribe, () => select(source.state()));

/** A text once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
