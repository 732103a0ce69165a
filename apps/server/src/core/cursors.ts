import { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { printable } from '#core/text.js';

const ROW_ID = z.number().int().min(0).max(2_147_483_647);

/** The place of a row in an ordered list, as an opaque cursor: what it is ordered by, and its number. */
export const cursorOf = (value: string, id: number): string =>
  Buffer.from(JSON.stringify([value, id])).toString('base64url');

/** Reads what {@link cursorOf} made. @param value what the order's values look like @throws invalid `badCursor` */
export function readCursor(cursor: string, value: z.ZodType<string>): [value: string, id: number] {
  try {
    const storable = value.refine((text) => printable(text) === text);
    return z.tuple([storable, ROW_ID]).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    const message = 'Take “cursor” from “nextCursor” of the page before, with the same sort and order.';
    throw new DomainError('invalid', 'badCursor', message, { cause, errors: [{ path: 'cursor', message }] });
  }
}

/** A text as a pattern of LIKE that is found anywhere. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
