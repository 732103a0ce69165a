import type { NodeServerRecord } from '@polyrelay/contract';
import { Node, type NodeOptions } from './node.js';
import type { OAuthCallback } from './oauth.js';

/**
 * The node server itself as a node, and its life: override the hooks you need. Hooks may be async;
 * what they throw is logged, except `start`, whose failure is the failure of `server.start()`.
 */
export class Controller extends Node {
  constructor({ address = 'controller', name = 'Controller', ...rest }: Partial<NodeOptions> = {}) {
    super({ ...rest, address, name, primary: address });
  }

  override get isController(): boolean {
    return true;
  }

  /**
   * Connected, and the controller's node is there: add the other nodes. Commands, callbacks and polls
   * wait until it is through, so do not wait in it for a sign-in.
   */
  override start(): unknown {
    return undefined;
  }

  /** Asked to stop: up to a second to put things away. */
  stop(): unknown {
    return undefined;
  }

  /** The node server is being removed: up to four seconds to clean up at the other side. */
  delete(): unknown {
    return undefined;
  }

  shortPoll(): unknown {
    return undefined;
  }

  longPoll(): unknown {
    return undefined;
  }

  /** The user came back from the provider, with a code or with an error (PGC section 6). */
  oauth(_callback: OAuthCallback): unknown {
    this.server.log.warning('Somebody signed in, but this node server does not override oauth(callback)');
    return undefined;
  }

  /** A new record; most node servers need none of it. */
  config(_record: Readonly<NodeServerRecord>): unknown {
    return undefined;
  }

  /** The custom parameters were changed by the user. */
  customParams(_params: Readonly<Record<string, unknown>>): unknown {
    return undefined;
  }

  /** Queries every node. */
  override query(): unknown {
    return this.server.reportAll();
  }

  /** Reports the values of every node. */
  override status(): unknown {
    return this.server.reportAll();
  }
}
