import type { Editor, EditorRange } from '@polyrelay/contract';
import { builtinEditor } from './builtin.js';
import type { ParsedEditor, ParsedRange } from './editors.js';
import type { Nls } from './nls.js';
import { quote } from './problems.js';

/**
 * A description repeats an editor for every driver that uses it. Without this bound on their JSON, 1 MiB of
 * drivers that share one long editor would become gigabytes. The largest published profile needs 250 KB.
 */
const MAX_JSON_LENGTH = 4_194_304;

/** Finds an editor by its id, with labels; `report` is told once about each one that cannot be found. */
export type EditorResolver = (id: string, report: (message: string) => void) => Editor;

/** Looks editors up in the files first, then among the built-in ones; an unknown one has no ranges. */
export function editorResolver(parsed: readonly ParsedEditor[], nls: Nls): EditorResolver {
  const byId = new Map(parsed.map((editor) => [editor.id.toLowerCase(), editor]));
  const resolved = new Map<string, { editor: Editor; length: number }>();
  let total = 0;
  let full = false;

  return (id, report) => {
    let known = resolved.get(id);
    if (known === undefined) {
      const source = byId.get(id.toLowerCase()) ?? builtinEditor(id);
      if (!source) report(`editor ${quote(id)} is not defined`);
      const editor = { id, ranges: (source?.ranges ?? []).map((range) => withLabels(range, id, nls)) };
      known = { editor, length: JSON.stringify(editor).length };
      resolved.set(id, known);
    }
    total += known.length;
    if (total <= MAX_JSON_LENGTH) return known.editor;
    if (!full) report('the profile lists too many values; its further editors are left out');
    full = true;
    return { id, ranges: [] };
  };
}

function withLabels({ nls: prefix, ...range }: ParsedRange, id: string, nls: Nls): EditorRange {
  // Index values without a prefix of their own are labelled under the editor's id.
  const key = prefix ?? (range.uom === '25' ? id : undefined);
  return { ...range, labels: (key === undefined ? undefined : nls.labels(key)) ?? {} };
}
