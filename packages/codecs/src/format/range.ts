import type { Editor, EditorRange } from '@polyrelay/contract';
import { isStateUnit } from './states.js';

/** A range of `uom` that says nothing more: what is used where no profile describes the value. */
export function plainRange(uom: string): EditorRange {
  return { uom, min: null, max: null, prec: 0, step: null, subset: null, labels: {} };
}

/**
 * The range of an editor that describes values of `uom` (PGC section 9: an editor may hold one range for °C
 * and one for °F). Without a match the answer is a plain range of that unit: another unit's limits and
 * labels would be wrong. Without a unit (absent, or 0, "unknown") the editor's first range decides.
 */
export function pickRange(editor: Editor | null | undefined, uom?: string | number | null): EditorRange {
  const key = String(uom ?? '').trim();
  const ranges = editor?.ranges ?? [];
  const exact = ranges.find((range) => range.uom === key);
  if (exact) return exact;
  if (key === '' || key === '0') return ranges[0] ?? plainRange('0');
  // Node servers often send a state as uom 2 or 78 although its editor lists it under 25, or the reverse.
  const states =
    isStateUnit(key) && ranges.find(({ uom: own, labels }) => isStateUnit(own) && hasAny(labels));
  return states ? states : plainRange(key);
}

const hasAny = (labels: Record<string, string>): boolean => Object.keys(labels).length > 0;
