import { isDeepStrictEqual } from 'node:util';
import type { NodeServerRecord } from '@polyrelay/contract';
import { KeyedDocument } from './documents.js';
import { NodeServerError } from './errors.js';

/** What the service keeps for this node server: the newest record (PGC section 5), and the documents in it. */
export class Kept {
  readonly customParams: KeyedDocument;
  readonly customData: KeyedDocument;
  readonly notices: KeyedDocument;
  #record: NodeServerRecord | undefined;

  constructor(send: (keys: Record<string, unknown>) => Promise<void>) {
    this.customParams = new KeyedDocument((whole) => send({ customparams: whole }));
    this.customData = new KeyedDocument((whole) => send({ customdata: whole }));
    this.notices = new KeyedDocument((whole) => send({ notices: whole }));
  }

  get record(): Readonly<NodeServerRecord> {
    if (this.#record) return this.#record;
    throw new NodeServerError('NOT_STARTED', 'The node server was not started: await start() first');
  }

  /** Takes a record in. @returns whether it is the first one, and whether the user changed the parameters */
  accept(record: NodeServerRecord): { first: boolean; paramsChanged: boolean } {
    const first = this.#record === undefined;
    const params = this.customParams.all;
    this.#record = record;
    this.customParams.accept(record.customParams);
    this.customData.accept(record.customData);
    this.notices.accept(record.notices);
    // Own changes were in `params` already: what differs was changed by the user.
    return { first, paramsChanged: !isDeepStrictEqual(params, this.customParams.all) };
  }
}
