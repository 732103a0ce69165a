import type { WireReportedCommand, WireStatus } from '@polyrelay/contract';
import type { NodeServer } from './node-server.js';

/** What a node needs of its node server. */
export interface NodePort {
  server: NodeServer;
  status(update: WireStatus): void;
  command(event: WireReportedCommand): void;
}
