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
