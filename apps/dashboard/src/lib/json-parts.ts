import { JSON_SPACE, JSON_TOKEN } from './json-place';

/** A member of an object, or an item of a list (without a name), as its text. */
export interface JsonPart {
  name: string | null;
  text: string;
}

/**
 * The members of a JSON text that is an object or list, each as it is written: parsing would change long numbers, and
 * leave out that one was `1.0`. The text must be JSON.
 */
export function jsonParts(json: string): JsonPart[] {
  const parts: JsonPart[] = [];
  const isObject = json.trimStart().startsWith('{');
  let depth = 0;
  let name: string | null = null;
  let begin: number | null = null;
  for (let at = 0; at < json.length; ) {
    JSON_SPACE.lastIndex = at;
    JSON_SPACE.exec(json);
    const from = JSON_SPACE.lastIndex;
    JSON_TOKEN.lastIndex = from;
    const token = JSON_TOKEN.exec(json)?.[0];
    if (token === undefined) break;
    at = JSON_TOKEN.lastIndex;
    if (token === '}' || token === ']') depth -= 1;
    const isEnd = depth === 0 || (depth === 1 && token === ',');
    if (isEnd) {
      if (begin !== null) parts.push({ name, text: json.slice(begin, from).trimEnd() });
      name = null;
      begin = null;
    } else if (isObject && depth === 1 && name === null) name = JSON.parse(token) as string;
    else if (!(isObject && depth === 1 && token === ':')) begin ??= from;
    if (token === '{' || token === '[') depth += 1;
  }
  return parts;
}
