import { ProblemList, quote } from './problems.js';
import { readText, TOO_LARGE } from './text.js';
import { attribute, findAll, parseXml, type XmlElement } from './xml.js';

export interface ParsedParameter {
  /** Empty for the one unnamed parameter a command may have. */
  id: string;
  editor: string;
  init: string | null;
  optional: boolean;
  nls: string | null;
}

export interface ParsedCommand {
  id: string;
  parameters: ParsedParameter[];
}

/** A node definition as its file has it: editors by id, names not looked up yet. */
export interface ParsedNodedef {
  id: string;
  /** Prefix of its names in the NLS file; its id where the file gives none. */
  nls: string;
  drivers: { driver: string; editor: string }[];
  accepts: ParsedCommand[];
  sends: string[];
}

/** What a nodedef file defines, and what in it was not understood. */
export interface ParsedNodedefs {
  nodedefs: ParsedNodedef[];
  problems: string[];
}

/**
 * Reads a nodedef file (PGC section 9): `<nodeDef id nls>` with its `<sts>`, `<sends>` and `<accepts>`.
 * Never throws; what has no id or editor is left out, with a problem.
 */
export function parseNodedefs(xml: string): ParsedNodedefs {
  const text = readText(xml);
  if (text === undefined) return { nodedefs: [], problems: [TOO_LARGE] };
  const result = parseXml(text);
  if ('problem' in result) return { nodedefs: [], problems: [result.problem] };
  const problems = new ProblemList();
  const nodedefs: ParsedNodedef[] = [];
  for (const element of findAll(result.elements, 'nodedef')) {
    const id = attribute(element, 'id');
    if (id === undefined) problems.add('a nodeDef has no id', element.line);
    else nodedefs.push(nodedefOf(id, element, problems));
  }
  return { nodedefs, problems: problems.messages };
}

function nodedefOf(id: string, element: XmlElement, problems: ProblemList): ParsedNodedef {
  const report: Report = (message, at) => problems.add(`nodeDef ${quote(id)}: ${message}`, at.line);
  // <st> and <cmd> are looked for by place: a <cmd> means something else under <sends> and <accepts>.
  const inside = (group: string, name: string) =>
    findAll(element.children, group).flatMap((found) => findAll(found.children, name));
  const drivers = inside('sts', 'st').flatMap((st) => driverOf(st, report));
  const accepts = inside('accepts', 'cmd').flatMap((cmd) => commandOf(cmd, report));
  const sends = inside('sends', 'cmd').flatMap((cmd) => idOf(cmd, 'a sent command', report));
  return {
    id,
    nls: attribute(element, 'nls') ?? id,
    drivers: unique(drivers, ({ driver }) => driver),
    accepts: unique(accepts, (command) => command.id),
    sends: [...new Set(sends)],
  };
}

type Report = (message: string, at: XmlElement) => void;

function driverOf(st: XmlElement, report: Report): ParsedNodedef['drivers'] {
  const editor = attribute(st, 'editor');
  return idOf(st, 'a driver', report).flatMap((driver) => {
    if (editor !== undefined) return [{ driver, editor }];
    report(`driver ${quote(driver)} has no editor`, st);
    return [];
  });
}

function commandOf(cmd: XmlElement, report: Report): ParsedCommand[] {
  return idOf(cmd, 'a command', report).map((id) => {
    const parameters = findAll(cmd.children, 'p').flatMap((p) => parameterOf(id, p, report));
    return { id, parameters: unique(parameters, (parameter) => parameter.id) };
  });
}

function parameterOf(command: string, p: XmlElement, report: Report): ParsedParameter[] {
  const id = attribute(p, 'id') ?? '';
  const editor = attribute(p, 'editor');
  if (editor === undefined) {
    report(`a parameter of ${quote(command)} has no editor`, p);
    return [];
  }
  const optional = /^(t|true|1|yes)$/i.test(attribute(p, 'optional') ?? '');
  return [{ id, editor, init: attribute(p, 'init') ?? null, optional, nls: attribute(p, 'nls') ?? null }];
}

function idOf(element: XmlElement, what: string, report: Report): string[] {
  const id = attribute(element, 'id');
  if (id === undefined) report(`${what} has no id`, element);
  return id === undefined ? [] : [id];
}

/** The first of each id: a form or list cannot show two things of one name. */
function unique<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const firsts = new Map<string, T>();
  for (const item of items) if (!firsts.has(keyOf(item))) firsts.set(keyOf(item), item);
  return [...firsts.values()];
}
