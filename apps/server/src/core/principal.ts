import type { Role } from '@polyrelay/contract';

/** Who makes a call. */
export interface Principal {
  userId: string;
  email: string;
  role: Role;
  kind: 'session' | 'accessToken';
  /** Of the session or the access token. */
  credentialId: string;
  expiresAt: Date | null;
}

/** Admins see and change what belongs to others; members only what is theirs. */
export const isAdmin = (principal: Principal): boolean => principal.role === 'admin';

/** Whether a principal may see and change what `ownerId` owns. */
export const owns = (principal: Principal, ownerId: string): boolean =>
  isAdmin(principal) || principal.userId === ownerId;
