import type { ServerJson } from '@polyrelay/contract';

/** Greatest zip of a node server, uploaded or downloaded. */
export const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;

/** A repository, at a branch or tag, else at its own branch. */
export interface GitSource {
  git: string;
  ref?: string | undefined;
}

/** Looks into where programs come from, without installing them. */
export interface Sources {
  /**
   * Downloads a zip to where uploaded ones are, and reads the server.json in it. Of what fails, nothing is left.
   * @returns its name there
   * @throws DomainError when it cannot be fetched, is no zip, or has no server.json
   */
  archive(url: string, signal: AbortSignal): Promise<{ serverJson: ServerJson; archive: string }>;
  /** @throws DomainError when it cannot be read, or is no server.json */
  serverJson(source: GitSource, signal: AbortSignal): Promise<{ serverJson: ServerJson; commit: string }>;
}

declare module 'fastify' {
  interface FastifyInstance {
    sources: Sources;
  }
}
