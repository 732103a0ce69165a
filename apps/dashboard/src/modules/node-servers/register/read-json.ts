import { type FieldError, ServerJson } from '@polyrelay/contract';
import { z } from 'zod';
import { jsonPlace } from '../../../lib/json-place';

/** What the text of a server.json amounts to, as far as it has been typed. */
export type Reading =
  | { kind: 'empty' }
  | { kind: 'broken'; problems: FieldError[] }
  | { kind: 'wrong'; problems: FieldError[]; raw: unknown }
  | { kind: 'valid'; serverJson: ServerJson; raw: unknown };

/** The words that the schema does not have. */
export interface Words {
  notJson: (line: number, column: number) => string;
  missing: string;
}

/** Whether a value is not there at all: then its type is not what is wrong. */
const isMissing = (raw: unknown, path: readonly PropertyKey[]): boolean =>
  typeof raw === 'object' && raw !== null && path.length === 1 && !Object.hasOwn(raw, path[0] as PropertyKey);

/** Reads and judges a server.json as one types: first whether it is JSON, then what the server would say. */
export function readServerJson(text: string, words: Words): Reading {
  if (text.trim() === '') return { kind: 'empty' };
  // Windows editors put a byte order mark in front.
  const json = text.replace(/^\uFEFF/, '');
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    const { line, column } = jsonPlace(json);
    return { kind: 'broken', problems: [{ path: '', message: words.notJson(line, column) }] };
  }
  const result = ServerJson.safeParse(raw);
  if (result.success) return { kind: 'valid', serverJson: result.data, raw };
  return {
    kind: 'wrong',
    raw,
    problems: result.error.issues.map(({ path, message }) => ({
      path: path.join('.'),
      message: isMissing(raw, path) ? words.missing : message,
    })),
  };
}

const WithOAuth = z.object({ oauth: z.object({ url: z.string() }) });
const WithSource = z.object({
  credits: z.tuple([z.object({ source: z.url({ protocol: /^https$/ }) })], z.unknown()),
});

/** The provider's address, where the author wrote one into the server.json. */
export const suggestedOAuthUrl = (raw: unknown): string => WithOAuth.safeParse(raw).data?.oauth.url ?? '';

/** The repository, where the author's credits name one. */
export const suggestedGit = (raw: unknown): string => WithSource.safeParse(raw).data?.credits[0].source ?? '';
