import { Id } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';

/** A place among the messages of a thing: just before or behind the one with this time and id. */
export interface Place {
  at: Date;
  id: string;
}

/** A place as the opaque text of the API. */
export const writeCursor = ({ at, id }: Place): string => `${at.getTime()}_${id}`;

/** @throws invalid `invalidCursor` */
export function readCursor(text: string): Place {
  const [, ms = '', id = ''] = /^(\d{1,14})_(.+)$/.exec(text) ?? [];
  if (!Id.safeParse(id).success)
    throw new DomainError(
      'invalid',
      'invalidCursor',
      'This cursor is not one of this list. Begin again without it.',
      { errors: [{ path: 'cursor', message: 'Is not the nextCursor of a page' }] },
    );
  return { at: new Date(Number(ms)), id };
}
