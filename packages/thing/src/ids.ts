import { createHash, randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

/** A new message id, UUID v7. The random bytes are given: Node.js 18 has no global `crypto`. */
export const newId = (): string => v7({ random: randomBytes(16) });

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

/** Another server’s id as one that can be in a file’s name; the same for the same. */
export const asId = (value: string): string => {
  if (isId(value)) return value.toLowerCase();
  const hex = createHash('sha256').update(value).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
