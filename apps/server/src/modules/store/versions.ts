import type { AvailableUpdate, CatalogueEntry } from '@polyrelay/contract';

/**
 * Compares two versions as Semantic Versioning 2.0 section 11 does, but kindly: “v” in front, missing parts (0) and
 * any number of parts are taken, since authors number as they like. @returns < 0, 0 or > 0
 */
export function compareVersions(a: string, b: string): number {
  const [one, two] = [split(a), split(b)];
  const length = Math.max(one.parts.length, two.parts.length);
  for (let i = 0; i < length; i++) {
    const order = compareParts(one.parts[i] ?? '0', two.parts[i] ?? '0');
    if (order !== 0) return order;
  }
  // 1.0.0-beta comes before 1.0.0.
  if (one.pre.length === 0 || two.pre.length === 0) return two.pre.length - one.pre.length;
  for (let i = 0; i < Math.max(one.pre.length, two.pre.length); i++) {
    const [left, right] = [one.pre[i], two.pre[i]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const order = compareParts(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

interface Version {
  parts: string[];
  pre: string[];
}

function split(version: string): Version {
  const [text = ''] = version
    .trim()
    .replace(/^v(?=\d)/i, '')
    .split('+');
  const at = text.indexOf('-');
  return at < 0
    ? { parts: text.split('.'), pre: [] }
    : { parts: text.slice(0, at).split('.'), pre: text.slice(at + 1).split('.') };
}

const NUMBER = /^\d+$/;

/** Numbers by value, however long; numbers before words; words by code unit. */
function compareParts(a: string, b: string): number {
  const isNumber = NUMBER.test(a);
  if (isNumber !== NUMBER.test(b)) return isNumber ? -1 : 1;
  const [left, right] = isNumber ? [a.replace(/^0+/, ''), b.replace(/^0+/, '')] : [a, b];
  if (isNumber && left.length !== right.length) return left.length - right.length;
  return left === right ? 0 : left < right ? -1 : 1;
}

const VERSION = /\d/;
/** A tag that names a version stays what it is; a branch moves on. */
const VERSION_TAG = /^v?\d+\.\d/i;

/** The update an entry is for what is installed of it; null when there is none, or nobody can tell. */
export function updateOf(
  installed: { version: string; source: unknown },
  entry: Pick<CatalogueEntry, 'version' | 'source'>,
): AvailableUpdate | null {
  if (!VERSION.test(installed.version) || !VERSION.test(entry.version)) return null;
  if (compareVersions(entry.version, installed.version) <= 0) return null;
  const ref = refOf(entry.source);
  if (ref !== null && VERSION_TAG.test(ref) && ref === refOf(installed.source)) return null;
  return { version: entry.version, ref };
}

const refOf = (source: unknown): string | null => {
  const { ref } = (source ?? {}) as { ref?: unknown };
  return typeof ref === 'string' ? ref : null;
};
