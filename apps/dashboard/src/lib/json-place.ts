/** White space between tokens, from `lastIndex` on. */
export const JSON_SPACE = /[ \t\n\r]*/y;
/** Any token of JSON, from `lastIndex` on. */
export const JSON_TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold no control characters
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\]:,]/y;

type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'next' | 'nothing';

/**
 * Where a text stops being JSON, counted from 1: at the first word that does not fit, or at the end of what is not
 * finished. Browsers tell it in different words, and mostly not at all.
 */
export function jsonPlace(text: string): { line: number; column: number } {
  const lines = text.slice(0, breakOf(text)).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function breakOf(text: string): number {
  /** The brackets that are open. */
  const open: string[] = [];
  let expected: Expected = 'value';
  for (let at = 0; ; ) {
    JSON_SPACE.lastIndex = at;
    JSON_SPACE.exec(text);
    at = JSON_SPACE.lastIndex;
    JSON_TOKEN.lastIndex = at;
    const token = JSON_TOKEN.exec(text)?.[0];
    const next: Expected | null = token === undefined ? null : after(expected, token, open);
    if (token === undefined || next === null) return at;
    expected = next;
    at += token.length;
  }
}

/** What may follow a token; null when the token itself may not stand there. */
function after(expected: Expected, token: string, open: string[]): Expected | null {
  const done = (): Expected => (open.length === 0 ? 'nothing' : 'next');
  switch (token) {
    case '{':
    case '[':
      if (expected !== 'value' && expected !== 'valueOrEnd') return null;
      open.push(token);
      return token === '{' ? 'keyOrEnd' : 'valueOrEnd';
    case '}':
    case ']': {
      const isOpen = open.at(-1) === (token === '}' ? '{' : '[');
      const isEmpty = expected === (token === '}' ? 'keyOrEnd' : 'valueOrEnd');
      if (!isOpen || (expected !== 'next' && !isEmpty)) return null;
      open.pop();
      return done();
    }
    case ':':
      return expected === 'colon' ? 'value' : null;
    case ',':
      if (expected !== 'next') return null;
      return open.at(-1) === '{' ? 'key' : 'value';
    default:
      if (expected === 'key' || expected === 'keyOrEnd') return token.startsWith('"') ? 'colon' : null;
      return expected === 'value' || expected === 'valueOrEnd' ? done() : null;
  }
}
