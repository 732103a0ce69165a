import { ProblemList, quote } from './problems.js';
import { readText, TOO_LARGE } from './text.js';

/** Names and labels of one or more NLS files. Keys are looked up without regard to case. */
export interface Nls {
  /** The first of these keys that is there. */
  first(...keys: string[]): string | undefined;
  /** Labels of values under a prefix, `IX_MODE-1 = Heat` → `{ 1: 'Heat' }`; undefined if there are none. */
  labels(prefix: string): Record<string, string> | undefined;
}

/** What an NLS file says, and the lines of it that say nothing. */
export interface ParsedNls {
  /** Text by key, keys in upper case. */
  entries: Map<string, string>;
  problems: string[];
}

/** Names are shown in lists and headings. */
const MAX_VALUE = 200;

/**
 * Reads an NLS file (PGC section 9): lines `KEY = text`, `#` begins a comment line. The controller asks for
 * keys in upper case, published files write them as they like. `\u00B0` is a character, as in Java's
 * properties files, which these are.
 */
export function parseNls(content: string): ParsedNls {
  const entries = new Map<string, string>();
  const text = readText(content);
  if (text === undefined) return { entries, problems: [TOO_LARGE] };
  const problems = new ProblemList();
  for (const [index, line] of text.split('\n').entries()) {
    const at = line.indexOf('=');
    const key = line.slice(0, Math.max(at, 0)).trim();
    if (key !== '' && !key.startsWith('#')) entries.set(key.toUpperCase(), decodeEscapes(line.slice(at + 1)));
    else if (!/^\s*(#|$)/.test(line)) problems.add(`${quote(line.trim())} is not KEY = text`, index + 1);
  }
  return { entries, problems: problems.messages };
}

function decodeEscapes(text: string): string {
  const plain = text.replace(/\\u([\da-f]{4})/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return plain.trim().slice(0, MAX_VALUE);
}

/** Joins parsed files; a later one wins. */
export function mergeNls(files: readonly ParsedNls[]): Nls {
  const entries = new Map(files.flatMap((file) => [...file.entries]));
  const labels = labelIndex(entries);
  return {
    first: (...keys) => {
      const key = keys.find((candidate) => entries.get(candidate.toUpperCase()));
      return key === undefined ? undefined : entries.get(key.toUpperCase());
    },
    labels: (prefix) => labels.get(prefix.toUpperCase()),
  };
}

function labelIndex(entries: ReadonlyMap<string, string>): Map<string, Record<string, string>> {
  const index = new Map<string, Record<string, string>>();
  for (const [key, label] of entries) {
    // The last hyphen but one belongs to a negative value: IX_STATE--1.
    const match = /^(.*[^-])-(-?\d{1,15})$/.exec(key);
    if (match?.[1] === undefined || label === '') continue;
    const labels = index.get(match[1]) ?? {};
    labels[String(Number(match[2]))] = label;
    index.set(match[1], labels);
  }
  return index;
}
