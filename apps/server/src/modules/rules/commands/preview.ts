import { type FlatMessage, type RulePreview, RulePreviewRequest } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Principal } from '#core/principal.js';
import { exactJson } from '../facts/exact.js';
import { latestFacts } from '../facts/latest.js';
import { mapped } from '../facts/mapped.js';
import { checkSource } from '../sources.js';

/** So many are shown; names of fields are taken of all that are read. */
const SHOWN = 10;

/** What a rule would make of the latest facts of its source. @throws notFound, invalid `unknownSource` */
export async function previewRule(
  app: FastifyInstance,
  principal: Principal,
  channelId: number,
  request: RulePreviewRequest,
): Promise<RulePreview> {
  const { ownerId } = await app.channels.require(principal, channelId);
  const { source, ...mapping } = RulePreviewRequest.parse(request);
  await checkSource(app, ownerId, source);
  const facts = await latestFacts(app.database.pool, ownerId, source, SHOWN);
  const fields = new Set(facts.flatMap(({ message }) => Object.keys(message)));
  return {
    items: facts.slice(0, SHOWN).map(({ at, from, message }) => ({
      at: at.toISOString(),
      from,
      before: plain(message),
      after: plain(mapped(message, mapping)),
    })),
    fields: [...fields].sort(),
  };
}

/** With numbers of many digits as numbers. */
const plain = (message: FlatMessage): Record<string, unknown> => JSON.parse(exactJson(message));
