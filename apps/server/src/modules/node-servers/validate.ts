import { type FieldError, ServerJson } from '@polyrelay/contract';
import type { z } from 'zod';
import { DomainError } from '#core/errors.js';

/** What is wrong with a value, each with its path. */
export const fieldErrors = (error: z.ZodError, prefix = ''): FieldError[] =>
  error.issues.map((issue) => ({
    path: [prefix, ...issue.path].filter((part) => part !== '').join('.'),
    message: issue.message,
  }));

/** Parses a request that came as JSON text. @throws DomainError `invalidRequest` naming every problem */
export function parseRequest<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error);
  throw new DomainError(
    'invalid',
    'invalidRequest',
    errors.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; '),
    { errors },
  );
}

/** Reads a server.json as text or as a value. @returns the file, or every problem with its path */
export function checkServerJson(input: unknown): { serverJson: ServerJson | null; errors: FieldError[] } {
  let value = input;
  if (typeof input === 'string') {
    try {
      value = JSON.parse(input.replace(/^\uFEFF/, ''));
    } catch (error) {
      return {
        serverJson: null,
        errors: [{ path: '', message: `This is not JSON: ${error instanceof Error ? error.message : ''}` }],
      };
    }
  }
  const parsed = ServerJson.safeParse(value);
  return parsed.success
    ? { serverJson: parsed.data, errors: [] }
    : { serverJson: null, errors: fieldErrors(parsed.error) };
}
