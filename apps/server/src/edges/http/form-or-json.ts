import type { FastifyRequest } from 'fastify';

/**
 * For a route that takes JSON or a form, with `attachValidation`: a form's body is not what the schema describes, all
 * the rest of the request is. @throws what the validation found
 */
export function checkUnlessForm(request: FastifyRequest): void {
  const { validationError } = request;
  if (validationError === undefined || validationError === null) return;
  if (validationError.validationContext !== 'body' || !request.isMultipart()) throw validationError;
}
