import type { FastifyInstance } from 'fastify';

/** What is needed of a node server on every message: who it is, whose, and where. */
export interface NodeServerRef {
  id: string;
  ownerId: string;
  worker: string;
  name: string;
  /** `profileNum` on the wire. */
  slot: number;
  /** The controller's uuid, `id` on the wire. */
  controllerUuid: string;
  /** `local` workers are the user's own: their log comes over MQTT alone. */
  runtime: string;
}

interface RefRow {
  id: string;
  owner_id: string;
  worker: string;
  name: string;
  slot: number;
  uuid: string;
  runtime: string;
}

/**
 * Node servers by worker id, read once and kept until something about them changes: every message and every
 * connection asks. Workers nobody knows are not remembered.
 */
export class NodeServerRefs {
  readonly #app: FastifyInstance;
  readonly #byWorker = new Map<string, Promise<NodeServerRef | undefined>>();
  readonly #workerOf = new Map<string, string>();

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('nodeServers/+', (event) => {
      if (
        event.operation === 'DELETION' ||
        'name' in event.payload ||
        'slot' in event.payload ||
        'runtime' in event.payload
      )
        this.forget(event.topic.split('/')[1] ?? '');
    });
    // Its id stands in every message of its workers.
    app.events.on('controllers/+', () => {
      this.#byWorker.clear();
      this.#workerOf.clear();
    });
  }

  byWorker(worker: string): Promise<NodeServerRef | undefined> {
    let found = this.#byWorker.get(worker);
    if (found === undefined) {
      found = this.#read(worker).then(
        (ref) => {
          if (ref === undefined) this.#byWorker.delete(worker);
          else this.#workerOf.set(ref.id, worker);
          return ref;
        },
        (error: unknown) => {
          this.#byWorker.delete(worker);
          throw error;
        },
      );
      this.#byWorker.set(worker, found);
    }
    return found;
  }

  forget(id: string): void {
    const worker = this.#workerOf.get(id);
    if (worker === undefined) return;
    this.#workerOf.delete(id);
    this.#byWorker.delete(worker);
  }

  async #read(worker: string): Promise<NodeServerRef | undefined> {
    const { rows } = await this.#app.database.pool.query<RefRow>({
      name: 'node-server-ref',
      text: `SELECT n.id, n.owner_id, n.worker, n.name, n.slot, n.runtime, c.uuid
             FROM node_servers n JOIN controllers c ON c.id = n.controller_id WHERE n.worker = $1`,
      values: [worker],
    });
    const row = rows[0];
    return (
      row && {
        id: row.id,
        ownerId: row.owner_id,
        worker: row.worker,
        name: row.name,
        slot: row.slot,
        controllerUuid: row.uuid,
        runtime: row.runtime,
      }
    );
  }
}
