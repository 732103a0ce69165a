import { type CatalogueEntry, type FieldError, type ServerJson, versionOf } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';

/**
 * Compares a catalogue's entry with the server.json it stands for. What decides what is installed must agree; another
 * version is worth a warning, because a branch moves on before its catalogue does.
 */
export function compareEntry(
  entry: CatalogueEntry,
  file: ServerJson,
): { errors: FieldError[]; warnings: string[] } {
  const errors: FieldError[] = [];
  const expectSame = (path: string, listed: unknown, found: unknown): void => {
    if (listed !== found) errors.push({ path, message: differs(path, listed, found) });
  };
  expectSame('name', entry.name, file.name);
  expectSame('language', entry.language, file.type);
  // Either of them may ask for it (PGC section 7); only a contradiction is wrong.
  if (entry.ingressRequired !== undefined && file.ingressRequired !== undefined)
    expectSame('ingressRequired', entry.ingressRequired, file.ingressRequired);
  const version = versionOf(file);
  return { errors, warnings: version === entry.version ? [] : [differs('version', entry.version, version)] };
}

/** @throws DomainError `catalogueMismatch` naming each field and both values */
export function checkEntry(entry: CatalogueEntry, file: ServerJson): { warnings: string[] } {
  const { errors, warnings } = compareEntry(entry, file);
  if (errors.length === 0) return { warnings };
  const what = errors.map(({ message }) => message).join(' ');
  throw new DomainError(
    'conflict',
    'catalogueMismatch',
    `“${entry.name}” was not installed, because its catalogue and its server.json contradict each other. ${what}`,
    { errors },
  );
}

const differs = (path: string, listed: unknown, found: unknown): string =>
  `${path}: the catalogue says ${shown(listed)}, its server.json says ${shown(found)}.`;

const shown = (value: unknown): string =>
  value === '' || value === undefined ? 'nothing' : `“${String(value).slice(0, 100)}”`;
