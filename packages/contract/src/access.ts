import { z } from 'zod';
import { Id, Timestamp } from './common.js';
import { TokenAccess } from './flespi.js';

export const Email = z.email('Write an e-mail address, such as you@example.org').max(254);
export const Password = z
  .string()
  .min(10, 'Use at least 10 characters')
  .max(256, 'Use at most 256 characters');

export const Role = z.enum(['admin', 'member']);
export type Role = z.infer<typeof Role>;

export const User = z
  .object({
    id: Id,
    email: Email,
    name: z.string(),
    role: Role,
    hasPassword: z.boolean(),
    createdAt: Timestamp,
    lastSignInAt: Timestamp.nullable(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** `GET /api/setup`: whether the first user is still to be made. */
export const SetupStatus = z.object({ needed: z.boolean() });

/** `POST /api/setup`: makes the first user with the token of the one-time link printed at start. */
export const SetupRequest = z.object({
  token: z.string().min(1, 'Open the link that the start printed: it carries the token').max(200),
  email: Email,
  password: Password,
  name: z.string().trim().max(100).default(''),
});
export type SetupRequest = z.input<typeof SetupRequest>;

/** `GET /api/session/methods`: what the sign-in page may offer. */
export const SignInMethods = z.object({
  password: z.boolean(),
  /** Single sign-on: the provider's display name and where to go; null when not configured. */
  oidc: z.object({ name: z.string(), url: z.string() }).nullable(),
});
export type SignInMethods = z.infer<typeof SignInMethods>;

export const SignInRequest = z.object({ email: Email, password: z.string().min(1).max(256) });
export type SignInRequest = z.infer<typeof SignInRequest>;

/** `GET /api/session`: who am I. `kind` says which credential the call carried. */
export const Session = z
  .object({ user: User, kind: z.enum(['session', 'accessToken']), expiresAt: Timestamp.nullable() })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

export const AccessTokenRequest = z.object({
  name: z.string().trim().min(1, 'Give the token a name, so that you know later what uses it').max(100),
  expiresAt: Timestamp.optional(),
  access: TokenAccess.default({ kind: 'master' }),
});
export type AccessTokenRequest = z.input<typeof AccessTokenRequest>;

export const AccessToken = z
  .object({
    id: Id,
    name: z.string(),
    /** First characters of the token, to recognise it by. */
    prefix: z.string(),
    createdAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
    expiresAt: Timestamp.nullable(),
    access: TokenAccess,
  })
  .meta({ id: 'AccessToken' });
export type AccessToken = z.infer<typeof AccessToken>;

/** Answer to creating a token: the only time `token` is shown. */
export const CreatedAccessToken = AccessToken.extend({ token: z.string() });
export type CreatedAccessToken = z.infer<typeof CreatedAccessToken>;

/** `PATCH /api/users/me`. A new password needs the current one (unless there is none yet). */
export const ProfileChange = z.object({
  name: z.string().trim().max(100).optional(),
  email: Email.optional(),
  currentPassword: z.string().max(256).optional(),
  newPassword: Password.optional(),
});
export type ProfileChange = z.infer<typeof ProfileChange>;

/** `POST /api/users` (admins). */
export const NewUser = z.object({
  email: Email,
  name: z.string().trim().max(100).default(''),
  role: Role.default('member'),
  password: Password,
});
export type NewUser = z.input<typeof NewUser>;

export const AuditEntry = z
  .object({
    id: z.string(),
    at: Timestamp,
    /** E-mail of a user, `worker <id>`, `system` or an address. */
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    detail: z.record(z.string(), z.unknown()),
    ip: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;
