import type { NodedefDescription, ProfileDescription } from '@polyrelay/contract';
import { parseEditors } from './editors.js';
import { namesOf } from './names.js';
import { mergeNls, type Nls, parseNls } from './nls.js';
import { type ParsedNodedef, parseNodedefs } from './nodedefs.js';
import { ProblemList, quote } from './problems.js';
import { type EditorResolver, editorResolver } from './resolve.js';
import { readText, TOO_LARGE } from './text.js';

/** A profile file as a node server uploads it (`uploadProfile`, PGC section 4), payload decoded. */
export interface ProfileFile {
  type: 'nodedef' | 'editor' | 'nls';
  filename: string;
  content: string | Uint8Array;
}

/**
 * Everything the files of a profile say about its nodes (PGC section 9). Files of one type are merged, a
 * later definition wins. Never throws: what cannot be read is left out, and named in `problems`.
 */
export function describeProfile(
  files: readonly ProfileFile[],
): Pick<ProfileDescription, 'nodedefs' | 'problems'> {
  const problems: ProfileDescription['problems'] = [];
  const note = (filename: string, messages: readonly string[]) =>
    problems.push(...messages.map((message) => ({ filename, message })));
  const read = <T extends { problems: string[] }>(type: ProfileFile['type'], parse: (text: string) => T) =>
    files
      .filter((file) => file.type === type)
      .map(({ filename, content }) => {
        const text = readText(content);
        const parsed = parse(text ?? '');
        note(filename, text === undefined ? [TOO_LARGE] : parsed.problems);
        return { ...parsed, filename };
      });

  const nls = mergeNls(englishLast(read('nls', parseNls)));
  const editors = read('editor', parseEditors).flatMap((file) => file.editors);
  const resolve = editorResolver(editors, nls);
  const nodedefs = new Map<string, NodedefDescription>();
  for (const { filename, nodedefs: parsed } of read('nodedef', parseNodedefs)) {
    const list = new ProblemList();
    for (const nodedef of parsed) {
      const { id } = nodedef;
      if (nodedefs.has(id)) list.add(`nodeDef ${quote(id)} is defined more than once; the last one counts`);
      const report = (message: string) => list.add(`nodeDef ${quote(id)}: ${message}`);
      nodedefs.set(id, describeNodedef(nodedef, { nls, resolve, report }));
    }
    note(filename, list.messages);
  }
  return { nodedefs: Object.fromEntries(nodedefs), problems };
}

interface Context {
  nls: Nls;
  resolve: EditorResolver;
  report: (message: string) => void;
}

function describeNodedef(nodedef: ParsedNodedef, { nls, resolve, report }: Context): NodedefDescription {
  const names = namesOf(nodedef, nls);
  return {
    id: nodedef.id,
    name: names.nodedef(),
    icon: names.icon(),
    drivers: nodedef.drivers.map(({ driver, editor }) => ({
      driver,
      name: names.driver(driver),
      editor: resolve(editor, report),
    })),
    accepts: nodedef.accepts.map(({ id, parameters }) => ({
      id,
      name: names.command(id),
      parameters: parameters.map((parameter) => ({
        id: parameter.id,
        name: names.parameter(id, parameter),
        editor: resolve(parameter.editor, report),
        init: parameter.init,
        optional: parameter.optional,
      })),
    })),
    sends: nodedef.sends.map((id) => ({ id, name: names.command(id) })),
  };
}

/** One file a language, `en_us.txt` (PGC section 9): English decides where a profile has several. */
function englishLast<T extends { filename: string }>(files: readonly T[]): T[] {
  const isEnglish = (file: T) => /(^|\/)en/i.test(file.filename);
  return [...files.filter((file) => !isEnglish(file)), ...files.filter(isEnglish)];
}
