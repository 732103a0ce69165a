const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A part of a JSON text: where it stands, and how deep it is nested (0: not at all). */
export interface Piece {
  start: number;
  end: number;
  depth: number;
}

/**
 * The items of a JSON text that is a list, each where it stands in the text; of anything else the text as one item.
 * The text must be known to be valid JSON.
 */
export function splitList(json: string): { isList: boolean; pieces: Piece[] } {
  const [start, end] = trimmed(json, 0, json.length);
  if (json.charCodeAt(start) !== OPEN_LIST)
    return { isList: false, pieces: [{ start, end, depth: walk(json, start, end).depth }] };
  const pieces: Piece[] = [];
  for (let from = start + 1; from < end; ) {
    const piece = walk(json, from, end - 1);
    const [first, last] = trimmed(json, from, piece.end);
    // Only an empty list has an item without characters.
    if (first < last) pieces.push({ start: first, end: last, depth: piece.depth });
    from = piece.end + 1;
  }
  return { isList: true, pieces };
}

/** From `start` to the next comma outside of everything, or to `end`. */
function walk(json: string, start: number, end: number): { end: number; depth: number } {
  let open = 0;
  let depth = 0;
  for (let i = start; i < end; i++) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfText(json, i);
    } else if (code === COMMA) {
      if (open === 0) return { end: i, depth };
    } else if (code >= OPEN_LIST) {
      // With 0x20 more a bracket is a brace, and no letter of “true”, “false” and “null” is.
      const kind = code | 0x20;
      if (kind === OPEN_OBJECT) {
        if (++open > depth) depth = open;
      } else if (kind === CLOSE_OBJECT) open--;
    }
  }
  return { end, depth };
}

/** Where the text ends that begins with the quote at `i`: at the next one that no odd number of backslashes escapes. */
function endOfText(json: string, i: number): number {
  for (let at = json.indexOf('"', i + 1); ; at = json.indexOf('"', at + 1)) {
    if (at < 0) return json.length;
    let before = at - 1;
    while (json.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
}

/** JSON's white space alone, which is less than what `trim` takes away. */
function trimmed(json: string, start: number, end: number): [start: number, end: number] {
  let [from, to] = [start, end];
  while (from < to && isSpace(json.charCodeAt(from))) from++;
  while (to > from && isSpace(json.charCodeAt(to - 1))) to--;
  return [from, to];
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
