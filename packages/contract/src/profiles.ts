import { z } from 'zod';

/** One range of an editor: how values of one unit look and which are allowed (PGC section 9). */
export const EditorRange = z.object({
  uom: z.string(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  prec: z.number().int(),
  step: z.number().nullable(),
  /** Allowed values when the editor lists them (`subset="0-3,7"`, expanded). */
  subset: z.array(z.number()).nullable(),
  /** Labels of values, from the NLS file: `{ "0": "Off" }`. */
  labels: z.record(z.string(), z.string()),
});
export type EditorRange = z.infer<typeof EditorRange>;

export const Editor = z.object({ id: z.string(), ranges: z.array(EditorRange) });
export type Editor = z.infer<typeof Editor>;

export const CommandParameter = z.object({
  id: z.string(),
  name: z.string(),
  editor: Editor,
  /** Driver whose value fills the form first. */
  init: z.string().nullable(),
  optional: z.boolean(),
});
export type CommandParameter = z.infer<typeof CommandParameter>;

export const CommandDescription = z.object({
  id: z.string(),
  name: z.string(),
  parameters: z.array(CommandParameter),
});
export type CommandDescription = z.infer<typeof CommandDescription>;

export const NodedefDescription = z.object({
  id: z.string(),
  name: z.string(),
  icon: z.string().nullable(),
  drivers: z.array(z.object({ driver: z.string(), name: z.string(), editor: Editor })),
  accepts: z.array(CommandDescription),
  sends: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type NodedefDescription = z.infer<typeof NodedefDescription>;

/** `GET /api/node-servers/{id}/profile`: everything needed to show nodes and build command forms. */
export const ProfileDescription = z
  .object({
    nodedefs: z.record(z.string(), NodedefDescription),
    files: z.array(
      z.object({
        type: z.enum(['nodedef', 'editor', 'nls']),
        filename: z.string(),
        bytes: z.number().int(),
        uploadedAt: z.iso.datetime(),
      }),
    ),
    /** What could not be understood, each with its file. */
    problems: z.array(z.object({ filename: z.string(), message: z.string() })),
  })
  .meta({ id: 'ProfileDescription' });
export type ProfileDescription = z.infer<typeof ProfileDescription>;
