import { z } from 'zod';

/** A path inside the node server's own folder: no absolute path, no `..`, no NUL. */
const InnerPath = z
  .string('Name a file inside the node server’s folder, such as "main.py"')
  .min(1, 'Name a file inside the node server’s folder')
  .max(255)
  .refine(
    (path) => !/^([/\\]|[A-Za-z]:)/.test(path),
    'Must be a relative path: the file lies in the node server’s folder',
  )
  .refine(
    (path) => !path.split(/[/\\]/).includes('..'),
    'Must not contain “..”: the file lies in the node server’s folder',
  )
  .refine((path) => !path.includes('\0'), 'Must not contain a NUL character');

/** Seconds between polls; published files write them as numbers or as strings. */
export const PollSeconds = z
  .union([z.number(), z.string().trim().regex(/^\d+$/, 'Write whole seconds, such as 60')])
  .transform(Number)
  .pipe(
    z
      .number()
      .int('Write whole seconds')
      .min(1, 'At least 1 second')
      .max(86_400, 'At most 86400 seconds (a day)'),
  );

const Credit = z.looseObject({
  title: z.string().optional(),
  author: z.string().optional(),
  version: z.union([z.string(), z.number()]).transform(String).optional(),
  date: z.string().optional(),
  source: z.string().optional(),
  license: z.string().optional(),
});

/**
 * A node server's `server.json` (PGC section 8). Unknown keys are the author's and are kept.
 * `type` is the interpreter, `executable` the script it runs, `install_cloud` a shell script run once before.
 */
export const ServerJson = z
  .looseObject({
    name: z.string('Give the node server a name').trim().min(1, 'Give the node server a name').max(100),
    type: z.enum(
      ['python3', 'python', 'node'],
      'Must be "python3", "python" or "node": the interpreter of the executable',
    ),
    executable: InnerPath,
    install: InnerPath.optional(),
    install_cloud: InnerPath.optional(),
    description: z.string().optional(),
    docs: z.string().optional(),
    notice: z.string().optional(),
    credits: z.array(Credit).optional(),
    shortPoll: PollSeconds.optional(),
    longPoll: PollSeconds.optional(),
    profile_version: z.union([z.string(), z.number()]).transform(String).optional(),
    ingressRequired: z.boolean().optional(),
    httpsIngress: z.unknown().optional(),
    oauth: z.unknown().optional(),
  })
  .meta({ id: 'ServerJson' });
export type ServerJson = z.infer<typeof ServerJson>;

/** Whether it takes inbound traffic: by either name that published node servers use. */
export const wantsIngress = (file: ServerJson): boolean => file.ingressRequired ?? file.httpsIngress === true;

/** The version shown to users: `credits[0].version`. */
export const versionOf = (file: ServerJson): string => file.credits?.[0]?.version ?? '';
