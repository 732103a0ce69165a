import { describeProfile } from '@polyrelay/codecs/profile';
import type { ProfileDescription } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { DomainError } from '#core/errors.js';

declare module 'fastify' {
  interface FastifyInstance {
    profiles: Profiles;
  }
}

/** A file a worker uploads (PGC section 4, `uploadProfile`). */
export interface ProfileUpload {
  nodeServerId: string;
  ownerId: string;
  type: 'nodedef' | 'editor' | 'nls';
  filename: string;
  content: Buffer;
}

const MAX_FILES = 50;

/** Profile files: they tell what nodes are called, how values look, which commands exist. */
class Profiles {
  readonly #app: FastifyInstance;
  /** Parsed once, until a file changes. */
  readonly #described = new Map<string, Promise<ProfileDescription>>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on(
      'nodeServers/+/profile',
      ({ topic }) => void this.#described.delete(topic.split('/')[1] ?? ''),
    );
    app.events.on('nodeServers/+', ({ topic, operation }) => {
      if (operation === 'DELETION') this.#described.delete(topic.split('/')[1] ?? '');
    });
  }

  /** Stores a file, replacing the one of the same name. */
  async store({ nodeServerId, ownerId, type, filename, content }: ProfileUpload): Promise<void> {
    await this.#app.events.transaction(async (tx, record) => {
      const where = { nodeServerId_type_filename: { nodeServerId, type, filename } };
      const bytes = new Uint8Array(content);
      const known = await tx.profileFile.findUnique({ where, select: { filename: true } });
      if (known === null && (await tx.profileFile.count({ where: { nodeServerId } })) >= MAX_FILES) {
        throw new DomainError(
          'conflict',
          'tooManyProfileFiles',
          `There are ${MAX_FILES} profile files already; ${filename} was not stored.`,
        );
      }
      await tx.profileFile.upsert({
        where,
        create: { nodeServerId, type, filename, content: bytes },
        update: { content: bytes, uploadedAt: new Date() },
      });
      record({
        topic: `nodeServers/${nodeServerId}/profile`,
        operation: known === null ? 'INSERTION' : 'UPDATE',
        ownerId,
        payload: { type, filename },
      });
    });
  }

  /** Everything needed to show the nodes of a node server and to build its command forms. */
  describe(nodeServerId: string): Promise<ProfileDescription> {
    let described = this.#described.get(nodeServerId);
    if (described === undefined) {
      described = this.#read(nodeServerId);
      this.#described.set(nodeServerId, described);
      described.catch(() => this.#described.delete(nodeServerId));
    }
    return described;
  }

  async #read(nodeServerId: string): Promise<ProfileDescription> {
    const rows = await this.#app.database.prisma.profileFile.findMany({
      where: { nodeServerId },
      orderBy: [{ type: 'asc' }, { filename: 'asc' }],
    });
    const files = rows.map((row) => ({
      type: row.type as ProfileUpload['type'],
      filename: row.filename,
      content: row.content,
    }));
    const { nodedefs, problems } = describeProfile(files);
    return {
      nodedefs,
      problems,
      files: rows.map((row) => ({
        type: row.type as ProfileUpload['type'],
        filename: row.filename,
        bytes: row.content.length,
        uploadedAt: row.uploadedAt.toISOString(),
      })),
    };
  }
}

export const profiles = fp(
  async (app: FastifyInstance) => {
    app.decorate('profiles', new Profiles(app));
  },
  { name: 'profiles', dependencies: ['core'] },
);
