import { z } from 'zod';
import { Timestamp } from './common.js';

/** Ways a worker can run: in a sandbox, as a plain process, in a container, or on the user's own machine. */
export const RuntimeName = z.enum(['sandbox', 'process', 'docker', 'local']);
export type RuntimeName = z.infer<typeof RuntimeName>;

/**
 * What becomes of inbound traffic in a runtime: one of INGRESS_PORTS is `mapped` to port 3000 of the worker's own
 * network; the machine's network is `shared` with it, so that 3000 is the machine's; it is the user's `own` business;
 * or there is `none`.
 */
export const Inbound = z.enum(['mapped', 'shared', 'own', 'none']);
export type Inbound = z.infer<typeof Inbound>;

/** One of `GET /api/runtimes`. */
export const RuntimeInfo = z
  .object({
    name: RuntimeName,
    available: z.boolean(),
    /** Why it is not available, and what to do about it; empty where it is. */
    reason: z.string(),
    /** New node servers get it when they name none. */
    default: z.boolean(),
    inbound: Inbound,
    /** Why inbound traffic is not as it could be, and what to do about it; empty where it is. */
    inboundNote: z.string(),
  })
  .meta({ id: 'RuntimeInfo' });
export type RuntimeInfo = z.infer<typeof RuntimeInfo>;

const whole = () => z.number('Write a number').int('Write a whole number');

/** What a worker may use at most; `cpus` in cores. */
export const Limits = z
  .object({
    memoryMb: whole().min(64, 'At least 64 MB').max(65_536, 'At most 65536 MB').default(512),
    processes: whole().min(16, 'At least 16').max(4096, 'At most 4096').default(128),
    cpus: z.number('Write a number').min(0.1, 'At least 0.1').max(64, 'At most 64').default(1),
  })
  .meta({ id: 'Limits' });
export type Limits = z.output<typeof Limits>;

/** Limits where the user set none. */
export const DEFAULT_LIMITS: Limits = Limits.parse({});

/** A program as it was installed. */
export const Release = z
  .object({
    /** Counts up with every installation. */
    number: z.number().int(),
    /** The branch, tag or commit that was asked for; null where the source has none, or its newest was taken. */
    ref: z.string().nullable(),
    /** What that was at the time; null where the source is not a repository. */
    commit: z.string().nullable(),
    version: z.string(),
    installedAt: Timestamp,
  })
  .meta({ id: 'Release' });
export type Release = z.infer<typeof Release>;

/** One step of an installation, in words for the user. */
export const InstallStep = z.object({
  name: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  startedAt: Timestamp,
  endedAt: Timestamp.nullable(),
});
export type InstallStep = z.infer<typeof InstallStep>;

/** The newest installation or update: its steps, and how it ended. */
export const Installation = z
  .object({
    kind: z.enum(['install', 'update']),
    /** `trial`: the new release is started and has to connect; `rolledBack`: it did not, the one before runs. */
    state: z.enum(['running', 'trial', 'done', 'failed', 'rolledBack']),
    /** Why it failed or was taken back; empty else. */
    reason: z.string(),
    steps: z.array(InstallStep),
  })
  .meta({ id: 'Installation' });
export type Installation = z.infer<typeof Installation>;

/** `POST /api/node-servers/{id}/update`: the newest of the same branch, or another branch, tag or commit. */
export const UpdateRequest = z.object({
  ref: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, 'Write a branch, tag or commit')
    .optional(),
});
export type UpdateRequest = z.input<typeof UpdateRequest>;
