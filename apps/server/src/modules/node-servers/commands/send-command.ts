import { randomUUID } from 'node:crypto';
import type { CommandAnswer, NodeCommand } from '@polyrelay/contract';
import { notFound } from '#core/errors.js';
import type { Context } from '../context.js';
import type { NodeServerRow } from '../store/rows.js';

/** Sends a node a command. The request id comes back in a `report` when the worker has carried it out. */
export async function sendCommand(
  context: Context,
  row: NodeServerRow,
  address: string,
  command: NodeCommand,
): Promise<CommandAnswer> {
  await requireNode(context, row, address);
  const requestId = randomUUID();
  const { cmd, value, uom, params } = command;
  const delivered = await context.link.send(row, {
    command: {
      address,
      cmd,
      ...(value === undefined ? {} : { value: String(value) }),
      ...(uom === undefined ? {} : { uom: String(uom) }),
      query: { ...params, requestId },
    },
  });
  return { delivered, requestId };
}

/** Asks a node, or with `all` every node, to report its values. */
export async function sendQuery(
  context: Context,
  row: NodeServerRow,
  address: string,
): Promise<CommandAnswer> {
  if (address !== 'all') await requireNode(context, row, address);
  // The published Node.js module knows no `all`: it is asked for one node after the other.
  const addresses =
    address === 'all' && row.language === 'node' ? await addressesOf(context, row) : [address];
  let delivered = addresses.length > 0;
  for (const one of addresses)
    delivered = (await context.link.send(row, { query: { address: one } })) && delivered;
  return { delivered, requestId: randomUUID() };
}

async function addressesOf({ app }: Context, row: NodeServerRow): Promise<string[]> {
  const nodes = await app.database.prisma.node.findMany({
    where: { nodeServerId: row.id },
    select: { address: true },
    orderBy: { timeAdded: 'asc' },
  });
  return nodes.map(({ address }) => address);
}

async function requireNode({ app }: Context, row: NodeServerRow, address: string): Promise<void> {
  const node = await app.database.prisma.node.findUnique({
    where: { nodeServerId_address: { nodeServerId: row.id, address } },
    select: { address: true },
  });
  if (node === null) throw notFound(`The node ${address}`);
}
