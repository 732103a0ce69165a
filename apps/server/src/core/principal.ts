import type { Role, TokenAccess } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';

/** Who makes a call. */
export interface Principal {
  userId: string;
  email: string;
  role: Role;
  kind: 'session' | 'accessToken';
  /** Of the session or the access token. */
  credentialId: string;
  expiresAt: Date | null;
  /** What this credential may do; a session is `master`. Who is not `master` never acts as an admin. */
  access: TokenAccess;
}

/** Admins see and change what belongs to others; members only what is theirs. */
export const isAdmin = (principal: Principal): boolean => principal.role === 'admin';

/** Whether a principal may see and change what `ownerId` owns. */
export const owns = (principal: Principal, ownerId: string): boolean =>
  isAdmin(principal) || principal.userId === ownerId;

/** Refuses everybody who is not an admin. */
export function requireAdmin(principal: Principal): void {
  if (!isAdmin(principal)) throw new DomainError('forbidden', 'adminOnly', 'Only an admin may do this.');
}
