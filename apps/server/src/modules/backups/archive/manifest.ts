import { Timestamp } from '@polyrelay/contract';
import { z } from 'zod';

/** Of the layout described here; a greater one is refused. */
export const FORMAT = 1;

/** Parts of a zip of format 1. */
export const MANIFEST_PART = 'manifest.json';
export const tablePart = (table: string): string => `tables/${table}.copy`;
export const filePart = (path: string): string => `files/${path}`;

const Content = z.object({ bytes: z.number().int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * What a backup holds. It is written last, when all is counted, and read first. Tables are PostgreSQL's COPY text of
 * the named columns.
 */
export const Manifest = z.object({
  format: z.literal(FORMAT),
  /** Of the service that made it. */
  version: z.string().max(40),
  createdAt: Timestamp,
  /**
   * Where the key of the secrets is: in the backup, or in the environment (POLYRELAY_KEY) and then needed for the
   * restore. `probe` is a secret by which a key is tried.
   */
  key: z.object({ from: z.enum(['backup', 'environment']), probe: z.string() }),
  /** Settings that others rely on, to be told of where they differ. */
  settings: z.object({
    PUBLIC_URL: z.string().nullable(),
    MQTT_HOST: z.string().nullable(),
    MQTT_PORT: z.string(),
    STAGE: z.string(),
  }),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  tables: z.array(
    Content.extend({
      name: z.string().regex(/^\w{1,63}$/),
      columns: z.array(z.string().min(1)),
      rows: z.number().int().min(0),
    }),
  ),
  /** `last`: the last number that was given; null when none was. */
  sequences: z.array(
    z.object({
      name: z.string(),
      last: z
        .string()
        .regex(/^-?\d+$/)
        .nullable(),
    }),
  ),
  /** Of the data folder. */
  files: z.array(
    Content.extend({
      path: z.string().regex(/^(?:secret\.key|instance-id|(?:pki|uploads)\/[\w-][\w.-]{0,120})$/),
    }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

/** What a sealed probe says, and the place it is sealed for. */
export const PROBE = { text: 'polyrelay', place: 'backups.probe' };
