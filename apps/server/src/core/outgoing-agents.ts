import http from 'node:http';
import https from 'node:https';
import {
  globalHttpAgent,
  globalHttpsAgent,
  RequestFilteringHttpAgent,
  RequestFilteringHttpsAgent,
} from 'request-filtering-agent';

/**
 * The agent of a single request to an address that a user names. Without `allowPrivate` it refuses addresses of the
 * house and of this machine: the address that is connected to is the one that is checked.
 */
export function agentFor({ protocol }: URL, allowPrivate: boolean): http.Agent {
  const isTls = protocol === 'https:';
  if (allowPrivate) return isTls ? https.globalAgent : http.globalAgent;
  return isTls ? globalHttpsAgent : globalHttpAgent;
}

/** Agents of one owner, to be destroyed at its end. */
export interface KeptAgents {
  /** By the protocol of the address. */
  for(url: URL): http.Agent;
  destroy(): void;
}

/** How long a connection that nobody uses is kept, in ms. */
const IDLE_MS = 30_000;

/** Agents with the same checks that keep their connections for further requests. */
export function keptAgents(allowPrivate: boolean): KeptAgents {
  const options = { keepAlive: true, scheduling: 'lifo', timeout: IDLE_MS } as const;
  // What this process trusts, also where that was set on the agent that all share.
  const { ca } = https.globalAgent.options;
  const tls = ca === undefined ? options : { ...options, ca };
  const plain = allowPrivate ? new http.Agent(options) : new RequestFilteringHttpAgent(options);
  const secure = allowPrivate ? new https.Agent(tls) : new RequestFilteringHttpsAgent(tls);
  return {
    for: ({ protocol }) => (protocol === 'https:' ? secure : plain),
    destroy: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** The address that was refused for being private, if that is what an error of an agent says. */
export const refusedAddress = (error: unknown): string | undefined =>
  error instanceof Error
    ? /^DNS lookup (\S+?)\(family:.*is not allowed\. Because/.exec(error.message)?.[1]
    : undefined;
