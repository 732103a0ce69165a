import {
  WireAddNode as AddNode,
  type AddNodeResult,
  type WireAddNode,
  WireRemoveNode,
  WireStatus,
  type WorkerRequestKey,
  WorkerRequests,
} from '@polyrelay/contract';
import type { z } from 'zod';
import { DomainError } from '#core/errors.js';
import { workerConnected, workerDisconnected } from '../../commands/connection.js';
import { addNodes, removeNodes } from '../../commands/nodes.js';
import {
  replaceCustomData,
  replaceCustomParams,
  replaceNotices,
  setPolls,
} from '../../commands/worker-data.js';
import type { Context } from '../../context.js';
import type { NodeServerRef } from '../../refs.js';
import type { DriverUpdate } from '../../updates/store.js';

/** Tells the worker's log what was refused and why. */
type Refuse = (what: string, reason: string) => void;

interface Request<K extends WorkerRequestKey> {
  context: Context;
  ref: NodeServerRef;
  payload: z.output<(typeof WorkerRequests)[K]>;
  refuse: Refuse;
  otherConnections: number;
}

type Handlers = { [K in WorkerRequestKey]: (request: Request<K>) => Promise<void> };

/** Each command key of PGC section 4, as the command it means and the answer it gets. */
const handlers: Handlers = {
  connected: async ({ context, ref, payload, otherConnections }) => {
    if (payload) {
      // Each connection announces anew: an older program may have come in its place.
      context.signals.emit('webhooks', { nodeServerId: ref.id, worker: ref.worker, taken: false });
      return workerConnected(context, ref);
    }
    // A will of an old connection comes late: the worker is back already.
    if (otherConnections === 0) await workerDisconnected(context, ref);
  },

  addnode: async ({ context, ref, payload }) => {
    const [added] = await addNodes(context, ref, [payload]);
    if (added === undefined) return;
    const { success, address, reason } = added;
    const result: AddNodeResult = success ? { success, address } : { success, address, reason };
    await context.link.send(ref, { result: { addnode: result } });
    context.link.configNeeded(ref, true);
  },

  removenode: async ({ context, ref, payload }) => {
    await removeNodes(context, ref, [payload.address]);
    context.link.configNeeded(ref, true);
  },

  status: async ({ context, ref, payload, refuse }) => reportStatus(context, ref, [payload], refuse),

  batch: async ({ context, ref, payload, refuse }) => {
    const nodes = valid(AddNode, payload.addnode, 'batch.addnode', refuse);
    const removals = valid(WireRemoveNode, payload.removenode, 'batch.removenode', refuse);
    if (nodes.length > 0) await addBatch(context, ref, nodes);
    if (removals.length > 0)
      await removeNodes(
        context,
        ref,
        removals.map(({ address }) => address),
      );
    await reportStatus(context, ref, valid(WireStatus, payload.status, 'batch.status', refuse), refuse);
    if (nodes.length + removals.length > 0) context.link.configNeeded(ref, true);
  },

  command: async ({ context, ref, payload }) => {
    const { address, command, value, uom } = payload;
    await context.app.events.transaction(async (_tx, record) => {
      record({
        topic: `nodeServers/${ref.id}/nodes/${address}/commands/${command}`,
        operation: 'INSERTION',
        ownerId: ref.ownerId,
        payload: { ...(value == null ? {} : { value }), ...(uom == null ? {} : { uom }) },
      });
    });
  },

  customparams: async ({ context, ref, payload }) => {
    await replaceCustomParams(context, ref, payload);
    context.link.configNeeded(ref, true);
  },

  customdata: async ({ context, ref, payload }) => {
    await replaceCustomData(context, ref, payload);
    context.link.configNeeded(ref, true);
  },

  notices: async ({ context, ref, payload }) => {
    await replaceNotices(context, ref, payload);
    context.link.configNeeded(ref, true);
  },

  polls: async ({ context, ref, payload }) => {
    const { shortPoll, longPoll } = payload;
    await setPolls(context, ref, { shortPoll, longPoll });
    await context.link.send(ref, { polls: { shortPoll, longPoll } });
  },

  config: async ({ context, ref }) => context.link.configNeeded(ref, true),

  restart: async ({ context, ref }) => {
    context.signals.emit('restartRequested', { nodeServerId: ref.id });
  },

  webhooks: async ({ context, ref }) => {
    context.signals.emit('webhooks', { nodeServerId: ref.id, worker: ref.worker, taken: true });
  },

  webhookResponse: async ({ context, ref, payload }) => {
    context.signals.emit('webhookResponse', {
      nodeServerId: ref.id,
      worker: ref.worker,
      response: payload,
    });
  },
};

/** Whether a message holds driver updates alone: those of one worker need not wait for each other. */
export const isStatusOnly = (keys: string[], body: Record<string, unknown>): boolean =>
  keys.every(
    (key) =>
      key === 'status' ||
      (key === 'batch' && Object.keys(body.batch ?? {}).every((inner) => inner === 'status')),
  );

/**
 * Carries out one command key of a message.
 * @throws DomainError when the key is unknown or its payload is not what the protocol says
 */
export async function handleRequest(
  context: Context,
  ref: NodeServerRef,
  key: string,
  value: unknown,
  otherConnections: number,
  refuse: Refuse,
): Promise<void> {
  if (!Object.hasOwn(WorkerRequests, key)) {
    throw new DomainError(
      'invalid',
      'unknownCommand',
      `“${key}” is not a command. Known are: ${Object.keys(WorkerRequests).join(', ')}.`,
    );
  }
  const known = key as WorkerRequestKey;
  const parsed = (WorkerRequests[known] as z.ZodType).safeParse(value);
  if (!parsed.success) throw new DomainError('invalid', 'badPayload', problemsOf(key, parsed.error));
  await (handlers[known] as (request: Request<WorkerRequestKey>) => Promise<void>)({
    context,
    ref,
    payload: parsed.data as never,
    refuse,
    otherConnections,
  });
}

async function addBatch(context: Context, ref: NodeServerRef, nodes: WireAddNode[]): Promise<void> {
  const added = await addNodes(context, ref, nodes);
  const addnode = added.map(({ success, address, reason }) => ({
    success,
    statusCode: success ? 200 : 507,
    address,
    ...(success ? {} : { reason }),
  }));
  await context.link.send(ref, { result: { addnode } });
}

async function reportStatus(
  context: Context,
  ref: NodeServerRef,
  statuses: WireStatus[],
  refuse: Refuse,
): Promise<void> {
  if (statuses.length === 0) return;
  const updates = statuses.map(
    ({ address, driver, value, uom }): DriverUpdate => ({
      nodeServerId: ref.id,
      ownerId: ref.ownerId,
      address,
      driver,
      value,
      uom,
    }),
  );
  const results = await context.writer.write(updates);
  results.forEach((result, i) => {
    if (result === 'unknownNode')
      refuse(`status of ${updates[i]?.address}`, 'there is no such node; add it first');
  });
  context.link.configNeeded(ref);
}

/** The items of a batch that are right; the others are refused one by one. */
function valid<T extends z.ZodType>(
  schema: T,
  items: unknown[] | undefined,
  where: string,
  refuse: Refuse,
): z.output<T>[] {
  return (items ?? []).flatMap((item, i) => {
    const parsed = schema.safeParse(item);
    if (parsed.success) return [parsed.data];
    refuse(`${where}[${i}]`, problemsOf('', parsed.error));
    return [];
  });
}

function problemsOf(where: string, error: z.ZodError): string {
  return error.issues
    .map((issue) => `${[where, ...issue.path].filter((part) => part !== '').join('.')}: ${issue.message}`)
    .join('; ');
}
