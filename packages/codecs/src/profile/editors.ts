import type { EditorRange } from '@polyrelay/contract';
import { ProblemList, quote } from './problems.js';
import { parseSubset } from './subset.js';
import { readText, TOO_LARGE } from './text.js';
import { attribute, findAll, parseXml, type XmlElement } from './xml.js';

/** A range as its file has it: labels are not looked up yet, `nls` is their prefix in the NLS file. */
export interface ParsedRange extends Omit<EditorRange, 'labels'> {
  nls: string | null;
}

export interface ParsedEditor {
  id: string;
  ranges: ParsedRange[];
}

/** What an editor file defines, and what in it was not understood. */
export interface ParsedEditors {
  editors: ParsedEditor[];
  problems: string[];
}

/** Room for every value of a listed subset. */
const MAX_SUBSET_TEXT = 20_000;

/** Decimals beyond this are noise, and more than a number can hold. */
const MAX_PREC = 15;

/**
 * Reads an editor file (PGC section 9): every `<editor id>` with its `<range uom min max prec step subset
 * nls/>`. Never throws; a range that makes no sense is left out, with a problem.
 */
export function parseEditors(xml: string): ParsedEditors {
  const text = readText(xml);
  if (text === undefined) return { editors: [], problems: [TOO_LARGE] };
  const result = parseXml(text);
  if ('problem' in result) return { editors: [], problems: [result.problem] };
  const problems = new ProblemList();
  const editors: ParsedEditor[] = [];
  for (const element of findAll(result.elements, 'editor')) {
    const id = attribute(element, 'id');
    if (id === undefined) problems.add('an editor has no id', element.line);
    else editors.push({ id, ranges: rangesOf(id, element, problems) });
  }
  return { editors, problems: problems.messages };
}

function rangesOf(id: string, editor: XmlElement, problems: ProblemList): ParsedRange[] {
  return findAll(editor.children, 'range').flatMap((element) => {
    const report = (message: string) => problems.add(`editor ${quote(id)}: ${message}`, element.line);
    const uom = attribute(element, 'uom');
    if (uom === undefined || !/^\d{1,5}$/.test(uom)) {
      report(uom === undefined ? 'a range has no uom' : `uom ${quote(uom)} is not a number`);
      return [];
    }
    const nls = attribute(element, 'nls') ?? attribute(editor, 'nls') ?? null;
    return [{ uom: String(Number(uom)), ...limitsOf(element, report), ...stepsOf(element, report), nls }];
  });
}

type Report = (message: string) => void;

function limitsOf(element: XmlElement, report: Report): Pick<ParsedRange, 'min' | 'max' | 'subset'> {
  const min = numberOf(element, 'min', report);
  const max = numberOf(element, 'max', report);
  const listed = attribute(element, 'subset', MAX_SUBSET_TEXT);
  const subset = listed === undefined ? undefined : parseSubset(listed);
  if (listed !== undefined && subset === undefined)
    report(`subset ${quote(listed)} is not a list of numbers`);
  if (subset) return subset.values ? { min, max, subset: subset.values } : { ...subset, subset: null };
  if (min === null || max === null || min <= max) return { min, max, subset: null };
  report(`min ${min} is above max ${max}`);
  return { min: null, max: null, subset: null };
}

function stepsOf(element: XmlElement, report: Report): Pick<ParsedRange, 'prec' | 'step'> {
  const prec = numberOf(element, 'prec', report) ?? 0;
  const step = numberOf(element, 'step', report);
  return {
    prec: Math.min(Math.max(Math.trunc(prec), 0), MAX_PREC),
    step: step !== null && step > 0 ? step : null,
  };
}

function numberOf(element: XmlElement, name: string, report: Report): number | null {
  const text = attribute(element, name);
  if (text === undefined) return null;
  const number = Number(text);
  // Number() also takes '0x10' and 'Infinity', which no profile means.
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(number)) return number;
  report(`${name} ${quote(text)} is not a number`);
  return null;
}
