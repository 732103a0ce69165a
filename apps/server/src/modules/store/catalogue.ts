import { CatalogueEntry, type FieldError, MAX_CATALOGUE_ENTRIES } from '@polyrelay/contract';
import { z } from 'zod';
import { DomainError, messageOf } from '#core/errors.js';

/** Problems of one catalogue that are kept; a file of rubbish has thousands. */
const MAX_PROBLEMS = 100;

/** What a catalogue must be for its entries to be looked at at all. */
const Envelope = z.object(
  {
    name: z.string('name: Write the name of the catalogue').trim().min(1).max(100),
    entries: z.array(z.unknown(), 'entries: Write a list of node servers'),
  },
  'It must be an object {"name": "…", "entries": […]}',
);

/** A catalogue as far as it can be used. */
export interface ReadCatalogue {
  name: string;
  entries: CatalogueEntry[];
  /** What was left out, and why. */
  problems: FieldError[];
}

/**
 * Reads a catalogue. An entry that cannot be used is left out and said; the rest serves.
 * @throws DomainError `badCatalogue` when the file is none
 */
export function readCatalogue(text: string): ReadCatalogue {
  const envelope = Envelope.safeParse(parse(text));
  if (!envelope.success) throw bad(envelope.error.issues.map(({ message }) => message).join('; '));
  const { name, entries: raw } = envelope.data;
  const entries: CatalogueEntry[] = [];
  const problems: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, value] of raw.slice(0, MAX_CATALOGUE_ENTRIES).entries()) {
    const parsed = CatalogueEntry.safeParse(value);
    if (!parsed.success) problems.push(...problemsOf(parsed.error, index));
    else if (seen.has(parsed.data.id)) problems.push(duplicate(index, parsed.data.id, 'of this catalogue'));
    else {
      seen.add(parsed.data.id);
      entries.push(parsed.data);
    }
  }
  if (raw.length > MAX_CATALOGUE_ENTRIES)
    problems.unshift({
      path: 'entries',
      message: `Only the first ${MAX_CATALOGUE_ENTRIES} entries are read; there are ${raw.length}`,
    });
  return { name, entries, problems: bounded(problems) };
}

/** Says that an entry was left out because another one has its id. */
export const duplicate = (index: number, id: string, where: string): FieldError => ({
  path: `entries.${index}.id`,
  message: `“${id}” is the id of an earlier entry ${where}; this one is left out`,
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw bad(`it is not JSON (${messageOf(cause)})`, cause);
  }
}

const problemsOf = (error: z.ZodError, index: number): FieldError[] =>
  flat(error.issues).map(({ path, message }) => ({ path: ['entries', index, ...path].join('.'), message }));

/** Of a choice between shapes the problems of the shape that was meant: the one with the fewest of them. */
const flat = (issues: z.core.$ZodIssue[]): { path: PropertyKey[]; message: string }[] =>
  issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const meant = issue.errors.find((list) =>
      list.every(({ code }) => code !== 'unrecognized_keys' && code !== 'invalid_type'),
    );
    return meant === undefined
      ? [issue]
      : flat(meant).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
  });

const bounded = (problems: FieldError[]): FieldError[] =>
  problems.length <= MAX_PROBLEMS
    ? problems
    : [
        ...problems.slice(0, MAX_PROBLEMS),
        { path: 'entries', message: `${problems.length - MAX_PROBLEMS} more problems are not listed` },
      ];

const bad = (why: string, cause?: unknown): DomainError =>
  new DomainError('invalid', 'badCatalogue', `This is no catalogue: ${why}`, { cause });
