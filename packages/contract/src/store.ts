import { z } from 'zod';
import { FieldError, Id, PageQuery, page, Timestamp } from './common.js';
import { NodeServer, OAuthClient, Slot } from './node-servers.js';
import { RuntimeName } from './workers.js';

/** Entries of one catalogue that are read; the rest is left out, and said. */
export const MAX_CATALOGUE_ENTRIES = 2000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** Words for people. They are shown as text, whatever they hold. */
const words = (what: string, max: number) =>
  z
    .string(`Write ${what}`)
    .trim()
    .min(1, `Write ${what}`)
    .max(max, `At most ${max} characters`)
    .refine((text) => !CONTROL.test(text), 'Must not contain control characters');

/** A link that a browser opens: `javascript:` and the like have no place in it. */
const link = (what: string) =>
  z
    .url({ protocol: /^https?$/, error: `Write the https:// address of ${what}` })
    .max(2000)
    .meta({ pattern: '^https?://' });

/** An address that the service itself fetches from. */
const secure = (what: string) =>
  z
    .url({ protocol: /^https$/, error: `Write the https:// address of ${what}` })
    .max(500, 'At most 500 characters')
    .refine((url) => !/^https:\/\/[^/]*@/i.test(url), 'Must not contain a user name or password')
    .meta({ pattern: '^https://[^/@]+(/|$)' });

export const EntryId = z
  .string('Give the entry an id, such as "ecobee"')
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'Write 1 to 64 of a–z, 0–9 and “-”, such as "ecobee"');

export const EntryLanguage = z.enum(
  ['python3', 'python', 'node'],
  'Must be "python3", "python" or "node", as “type” in its server.json',
);
export type EntryLanguage = z.infer<typeof EntryLanguage>;

/** Where the program of an entry comes from. */
export const EntrySource = z.union(
  [
    z.strictObject({
      git: secure('its git repository'),
      /** Branch or tag; the default branch when left out. */
      ref: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, 'Write a branch or tag')
        .optional(),
    }),
    z.strictObject({ archive: secure('a zip with its program') }),
  ],
  'Must be {"git": "https://…", "ref": "…"} or {"archive": "https://….zip"}',
);
export type EntrySource = z.infer<typeof EntrySource>;

/** One installable node server. Facts that its server.json states too must agree with it. */
export const CatalogueEntry = z
  .object({
    id: EntryId.describe('Unique among all catalogues; kept when the node server gets a new version'),
    name: words('its name, as in its server.json', 100),
    version: words('its version, as “credits[0].version” in its server.json', 50),
    author: words('who wrote it', 200),
    language: EntryLanguage.describe('As “type” in its server.json'),
    description: words('what it does, in a sentence', 1000),
    documentation: link('its documentation'),
    source: EntrySource,
    ingressRequired: z.boolean().optional().describe('It is called from outside, on the port in its netInfo'),
    oauth: z
      .object({
        url: link('the provider’s authorization page')
          .optional()
          .describe(
            'Template of the authorization URL, ending in “state=”, with what the user fills in left out',
          ),
        console: link('the provider’s developer console')
          .optional()
          .describe('Where client id and secret are made'),
      })
      .optional()
      .describe('It signs in at a provider'),
    tags: z.array(words('a tag', 30)).max(10, 'At most 10 tags').optional(),
    license: words('its license', 100).optional(),
  })
  .meta({ id: 'CatalogueEntry' });
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;

/** A catalogue file: node servers that can be installed from the store. */
export const Catalogue = z
  .object({
    $schema: z.string().optional(),
    name: words('the name of the catalogue', 100),
    entries: z.array(CatalogueEntry).max(MAX_CATALOGUE_ENTRIES),
  })
  .meta({ id: 'Catalogue' });
export type Catalogue = z.infer<typeof Catalogue>;

/** A copy that the caller has installed. */
export const InstalledCopy = z.object({
  id: Id,
  name: z.string(),
  controllerId: Id,
  controllerName: z.string(),
  slot: Slot,
  version: z.string(),
  isUpdatable: z.boolean(),
});
export type InstalledCopy = z.infer<typeof InstalledCopy>;

/** An entry as the store shows it. */
export const StoreItem = CatalogueEntry.extend({
  /** Name of the catalogue it is in. */
  catalogue: z.string(),
  copies: z.array(InstalledCopy),
  /** One of the copies is older than the entry. */
  updateAvailable: z.boolean(),
}).meta({ id: 'StoreItem' });
export type StoreItem = z.infer<typeof StoreItem>;

/** What is wrong with a catalogue: at `path` (`entries.3.source.git`); empty for the whole file. */
export const CatalogueProblem = FieldError.extend({
  /** Where the catalogue was read from. */
  catalogue: z.string(),
}).meta({ id: 'CatalogueProblem' });
export type CatalogueProblem = z.infer<typeof CatalogueProblem>;

export const StoreQuery = PageQuery.extend({
  search: z.string().max(200).optional(),
  language: EntryLanguage.optional(),
});

/** `GET /api/store`. */
export const StorePage = page(StoreItem)
  .extend({
    /** How many match, on all pages. */
    total: z.number().int(),
    /** Admins see every problem, others only catalogues that could not be read. */
    problems: z.array(CatalogueProblem),
    /** When the catalogues were last read successfully; the oldest of them. Null: never. */
    refreshedAt: Timestamp.nullable(),
  })
  .meta({ id: 'StorePage' });
export type StorePage = z.infer<typeof StorePage>;

/** `POST /api/store/refresh`. */
export const StoreRefresh = StorePage.pick({ problems: true, refreshedAt: true });
export type StoreRefresh = z.infer<typeof StoreRefresh>;

/** `POST /api/store/{entryId}/install`. */
export const InstallRequest = z
  .object({
    controllerId: Id.optional(),
    /** The lowest free slot when left out. */
    slot: Slot.optional(),
    /** The entry's name when left out, with a number for further copies. */
    name: z.string().trim().min(1, 'Give it a name').max(100).optional(),
    runtime: RuntimeName.optional(),
    oauth: OAuthClient.optional(),
    customParams: z.record(z.string(), z.unknown()).optional(),
    /** Start it at once (default true). */
    start: z.boolean().default(true),
    /** The user runs the worker with the PGURL, from a copy of the program of their own; it is not started here. */
    development: z.boolean().default(false),
  })
  .refine(({ development, runtime }) => !development || runtime === undefined || runtime === 'local', {
    path: ['runtime'],
    message: 'In development mode you run the worker yourself: leave the runtime out, or write “local”',
  });
export type InstallRequest = z.input<typeof InstallRequest>;

/** The node server that was made, and what its author should mend. */
export const Installed = NodeServer.extend({ warnings: z.array(z.string()) }).meta({ id: 'Installed' });
export type Installed = z.infer<typeof Installed>;

/** The JSON Schema of a catalogue, as published in docs/catalogue.schema.json for editors and for checks elsewhere. */
export const catalogueJsonSchema = (): object => ({
  title: 'Catalogue of node servers',
  ...z.toJSONSchema(Catalogue, { io: 'input' }),
});
