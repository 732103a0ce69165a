import type { FastifyInstance } from 'fastify';
import type { NodeServer } from '#generated/prisma/client.js';
import { secretPlace } from './rows.js';

/** Names of values that open something. */
const NAME = /token|secret|passw|pwd|api_?key|credential|session|cookie|bearer/i;

/** A shorter value would be found in harmless words. */
const MIN_LENGTH = 8;

/** Letters and digits, and many of them: no word such as the scope that is kept beside a token. */
const RANDOM = /^(?=.*\d)(?=.*[a-z]).{16,}$/i;

/** So many are looked for; a worker has one to five. */
const MOST = 20;

/**
 * The values of a node server that open something: the provider's client secret, the secret of its PGURL, and what its
 * worker and its user keep under a name such as `access_token` or `password`.
 */
export function secretsOf({ keyring }: FastifyInstance, row: NodeServer): string[] {
  const { worker } = row;
  const found = [keyring.open(row.pgSecret, secretPlace('pg_secret', worker))];
  if (row.oauthClientSecret !== null)
    found.push(keyring.open(row.oauthClientSecret, secretPlace('oauth_client_secret', worker)));
  if (row.customData !== null)
    collect(JSON.parse(keyring.open(row.customData, secretPlace('custom_data', worker))), 'elsewhere', found);
  collect(row.customParams, 'elsewhere', found);
  return [...new Set(found)].filter(({ length }) => length >= MIN_LENGTH).slice(0, MOST);
}

/** Adds all text under a name that says it is a secret; further below such a name, what looks like one. */
function collect(value: unknown, place: 'elsewhere' | 'below' | 'named', found: string[]): void {
  if (typeof value === 'string') {
    if (place === 'named' || (place === 'below' && RANDOM.test(value))) found.push(value);
  } else if (typeof value === 'object' && value !== null)
    for (const [name, below] of Object.entries(value)) {
      const further = place === 'elsewhere' ? 'elsewhere' : 'below';
      collect(below, NAME.test(name) ? 'named' : Array.isArray(value) ? place : further, found);
    }
}
