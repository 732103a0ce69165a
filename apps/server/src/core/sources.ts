import type { ServerJson } from '@polyrelay/contract';

/** A repository, at a branch or tag, else at its own branch. */
export interface GitSource {
  git: string;
  ref?: string | undefined;
}

/** Looks into where programs come from, without installing them. */
export interface Sources {
  /** @throws DomainError when it cannot be read, or is no server.json */
  serverJson(source: GitSource, signal: AbortSignal): Promise<{ serverJson: ServerJson; commit: string }>;
}

declare module 'fastify' {
  interface FastifyInstance {
    sources: Sources;
  }
}
