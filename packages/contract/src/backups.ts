import { z } from 'zod';
import { Timestamp } from './common.js';

/** One backup file, or the one that is being made. */
export const Backup = z
  .object({
    /** Of the file in the service's folder of backups. */
    name: z.string(),
    /** Of the file; so far, while it is being made. */
    bytes: z.number().int(),
    /** All in it is as it was at this time. */
    createdAt: Timestamp,
    encrypted: z.boolean(),
    /** Of the service that made it. */
    version: z.string(),
    state: z.enum(['running', 'done']),
    /** What is being written now: a table or a file; null when it is done. */
    step: z.string().nullable(),
  })
  .meta({ id: 'Backup' });
export type Backup = z.infer<typeof Backup>;

/** `GET /api/backups` (admins): newest first. */
export const BackupList = z
  .object({
    items: z.array(Backup),
    /** When the next one is made by itself; null when none are. */
    next: Timestamp.nullable(),
    everyHours: z.number(),
    /** How many are kept. */
    keep: z.number().int(),
    /** Folder of the machine that the service runs on. */
    folder: z.string(),
    /** Whether new ones are encrypted (BACKUP_PASSPHRASE). */
    encrypts: z.boolean(),
    /** Why the last try failed; null when it did not. */
    failure: z.object({ at: Timestamp, message: z.string() }).nullable(),
  })
  .meta({ id: 'BackupList' });
export type BackupList = z.infer<typeof BackupList>;
