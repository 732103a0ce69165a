import { type AccessToken, type AuditEntry, type Role, TokenAccess, type User } from '@polyrelay/contract';
import type { Pool } from 'pg';
import type { Database, Transaction } from '#core/database/database.js';
import type { Principal } from '#core/principal.js';
import { hashToken } from '#core/secrets/tokens.js';

/** A token's use is noted this often, not with every call. */
const USED_EVERY = "interval '1 minute'";

interface PrincipalRow {
  credential_id: string;
  user_id: string;
  email: string;
  role: Role;
  expires_at: Date | null;
  access?: unknown;
}

function toPrincipal(kind: Principal['kind'], row: PrincipalRow | undefined): Principal | undefined {
  if (row === undefined) return undefined;
  const access = toAccess(row.access);
  return {
    kind,
    credentialId: row.credential_id,
    userId: row.user_id,
    email: row.email,
    role: access.kind === 'master' ? row.role : 'member',
    expiresAt: row.expires_at,
    access,
  };
}

/** What a token may do as it is stored; null: everything. */
const toAccess = (stored: unknown): TokenAccess =>
  stored === null || stored === undefined ? { kind: 'master' } : TokenAccess.parse(stored);

/** Finds the user of a session cookie's token. One indexed query: it is on every request's path. */
export async function findSession(pool: Pool, token: string): Promise<Principal | undefined> {
  const { rows } = await pool.query<PrincipalRow>({
    name: 'find-session',
    text: `SELECT s.id AS credential_id, s.user_id, u.email, u.role, s.expires_at
           FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.expires_at > now()`,
    values: [hashToken(token)],
  });
  return toPrincipal('session', rows[0]);
}

/** Finds the user of an access token, and notes that it was used. */
export async function findAccessToken(pool: Pool, token: string): Promise<Principal | undefined> {
  const { rows } = await pool.query<PrincipalRow & { stale: boolean }>({
    name: 'find-access-token',
    text: `SELECT t.id AS credential_id, t.user_id, u.email, u.role, t.expires_at, t.access,
                  t.last_used_at IS NULL OR t.last_used_at < now() - ${USED_EVERY} AS stale
           FROM access_tokens t JOIN users u ON u.id = t.user_id
           WHERE t.token_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > now())`,
    values: [hashToken(token)],
  });
  const row = rows[0];
  if (row?.stale)
    await pool.query('UPDATE access_tokens SET last_used_at = now() WHERE id = $1', [row.credential_id]);
  return toPrincipal('accessToken', row);
}

/** The first user is made under this lock, so that two set-ups at once make one. */
export async function lockSetup(tx: Transaction): Promise<boolean> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(7410223)`;
  return (await tx.user.count()) === 0;
}

export async function listAudit(
  database: Database,
  limit: number,
  before: bigint | undefined,
): Promise<AuditEntry[]> {
  const rows = await database.prisma.auditEntry.findMany({
    where: before === undefined ? {} : { id: { lt: before } },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map((row) => ({
    id: String(row.id),
    at: row.at.toISOString(),
    actor: row.actor,
    action: row.action,
    target: row.target,
    detail: row.detail as Record<string, unknown>,
    ip: row.ip,
  }));
}

interface UserRow {
  id: string;
  email: string;
  name: string;
  role: string;
  passwordHash: string | null;
  createdAt: Date;
  lastSignInAt: Date | null;
}

export const presentUser = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role as Role,
  hasPassword: row.passwordHash !== null,
  createdAt: row.createdAt.toISOString(),
  lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
});

interface TokenRow {
  id: string;
  name: string;
  prefix: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  access: unknown;
}

export const presentToken = (row: TokenRow): AccessToken => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  createdAt: row.createdAt.toISOString(),
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  access: toAccess(row.access),
});
