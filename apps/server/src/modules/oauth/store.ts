import type { OAuthOutcome, OAuthResult } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import { hashToken } from '#core/secrets/tokens.js';

/** A sign-in whose one-time state was just used up, with the worker it is for. */
export interface UsedLink {
  id: string;
  nodeServerId: string;
  ownerId: string;
  worker: string;
  slot: number;
  connected: boolean;
  provider: string | null;
  noticeKey: string | null;
}

interface UsedRow {
  id: string;
  node_server_id: string;
  owner_id: string;
  worker: string;
  slot: number;
  connected: boolean;
  provider: string | null;
  notice_key: string | null;
}

/**
 * Only one of any number of callers gets the row: the state is one-time, and bound to the browser that began. The
 * session is looked up in the same statement, because nothing stands between the callback and the worker but this.
 *
 * Its commit does not wait for the disk: the one that notes the outcome follows at once and takes it along. A crash of
 * the database between the two could only let the same browser bring the same code again, which the provider refuses.
 */
const USE = `
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE oauth_links l SET used_at = now() FROM node_servers n, quick
WHERE l.state_hash = $1 AND l.used_at IS NULL AND l.expires_at > now()
  AND l.session_id = (SELECT id FROM sessions WHERE token_hash = $2 AND expires_at > now())
  AND n.id = l.node_server_id AND n.state <> 'deleting'
RETURNING l.id, l.node_server_id, l.provider, l.notice_key, n.owner_id, n.worker, n.slot, n.connected`;

/** Uses a state up; undefined when it cannot be used, by this browser or at all. */
export async function takeState(
  pool: Pool,
  state: string,
  sessionToken: string | undefined,
): Promise<UsedLink | undefined> {
  const { rows } = await pool.query<UsedRow>({
    name: 'take-oauth-state',
    text: USE,
    values: [hashToken(state), sessionToken === undefined ? null : hashToken(sessionToken)],
  });
  const row = rows[0];
  return (
    row && {
      id: row.id,
      nodeServerId: row.node_server_id,
      ownerId: row.owner_id,
      worker: row.worker,
      slot: row.slot,
      connected: row.connected,
      provider: row.provider,
      noticeKey: row.notice_key,
    }
  );
}

/** Why a state could not be used; undefined when nobody ever made it. */
export async function whyRefused(
  app: FastifyInstance,
  state: string,
  userId: string | undefined,
): Promise<OAuthOutcome | undefined> {
  const row = await app.database.prisma.oAuthLink.findUnique({ where: { stateHash: hashToken(state) } });
  if (row === null) return undefined;
  if (row.usedAt !== null) return 'used';
  if (row.expiresAt <= new Date()) return 'expired';
  return userId !== undefined && userId !== row.userId ? 'wrongAccount' : 'otherBrowser';
}

interface LinkRow {
  id: string;
  outcome: string;
  provider: string | null;
  error: string | null;
  errorDescription: string | null;
  changedAt: Date;
  expiresAt: Date;
  nodeServer: { id: string; name: string; ownerId: string };
}

/** What the result page is told. */
export function presentResult(row: LinkRow): OAuthResult {
  const open = row.outcome === 'started' || row.outcome === 'approvalNeeded' || row.outcome === 'waiting';
  const expired = open && row.expiresAt <= new Date();
  return {
    id: row.id,
    outcome: expired ? 'expired' : (row.outcome as OAuthOutcome),
    nodeServer: { id: row.nodeServer.id, name: row.nodeServer.name },
    provider: row.provider,
    error: row.error,
    errorDescription: row.errorDescription,
    at: row.changedAt.toISOString(),
    expiresAt: open && !expired ? row.expiresAt.toISOString() : null,
  };
}

/** Deletes sign-ins of yesterday and before. */
export async function deleteOld(pool: Pool): Promise<void> {
  await pool.query("DELETE FROM oauth_links WHERE created_at < now() - interval '1 day'");
}
