import type { LogLevel, LogLine } from '@polyrelay/contract';

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warning: 2, error: 3 };

/** Lines of at least a level that hold a text, in whatever case. */
export function selectLines(lines: readonly LogLine[], level: LogLevel, text: string): readonly LogLine[] {
  const wanted = text.trim().toLowerCase();
  if (level === 'debug' && wanted === '') return lines;
  return lines.filter(
    (line) => rank[line.level] >= rank[level] && (wanted === '' || line.text.toLowerCase().includes(wanted)),
  );
}

export interface Part {
  text: string;
  isFound: boolean;
}

/** A line cut into what was searched for and the rest. */
export function highlight(line: string, text: string): Part[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [{ text: line, isFound: false }];
  const parts: Part[] = [];
  const lower = line.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    if (at > from) parts.push({ text: line.slice(from, at), isFound: false });
    parts.push({ text: line.slice(at, at + wanted.length), isFound: true });
    from = at + wanted.length;
  }
  if (from < line.length) parts.push({ text: line.slice(from), isFound: false });
  return parts;
}
