/** A tag, or the text between two. */
const PART = /<!\[CDATA\[.*?\]\]>|<!--.*?-->|<[^>]*>|[^<]+/gs;

/** XML with each element on a line of its own, set in by its depth; an element with nothing but text stays on one. */
export function prettyXml(text: string): string {
  const parts = (text.match(PART) ?? []).filter((part) => part.trim() !== '');
  const lines: string[] = [];
  let depth = 0;
  const push = (line: string): void => void lines.push(`${'  '.repeat(depth)}${line}`);
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]?.trim() ?? '';
    if (part.startsWith('</')) {
      depth = Math.max(0, depth - 1);
      push(part);
    } else if (!isOpening(part)) push(part);
    else if (parts[i + 1]?.startsWith('</')) {
      push(`${part}${parts[i + 1]}`);
      i += 1;
    } else if (!parts[i + 1]?.startsWith('<') && parts[i + 2]?.startsWith('</')) {
      push(`${part}${parts[i + 1]}${parts[i + 2]}`);
      i += 2;
    } else {
      push(part);
      depth += 1;
    }
  }
  return lines.join('\n');
}

const isOpening = (part: string): boolean => /^<[^!?/]/.test(part) && !part.endsWith('/>');
