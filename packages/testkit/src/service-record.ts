import type {
  AddNodeResult,
  NodeServerRecord,
  RecordNode,
  WireAddNode,
  WireReportedCommand,
  WireStatus,
  WireWebhookResponse,
  WorkerMessage,
} from '@polyrelay/contract';

/** Everything a worker may send, as it stands on the wire. */
export interface Requests {
  topic?: string;
  userId?: string;
  profileNum?: string;
  id?: string;
  connected?: boolean;
  addnode?: WireAddNode;
  removenode?: { address: string };
  status?: WireStatus;
  batch?: { addnode?: WireAddNode[]; removenode?: { address: string }[]; status?: WireStatus[] };
  command?: WireReportedCommand;
  customparams?: Record<string, unknown>;
  customdata?: Record<string, unknown>;
  notices?: Record<string, unknown>;
  polls?: { shortPoll: number | string; longPoll: number | string };
  config?: unknown;
  restart?: unknown;
  webhooks?: true;
  webhookResponse?: WireWebhookResponse;
  uploadProfile?: { type: string; filename: string; payload: string };
  report?: { requestId: string; success: boolean };
  /** One record of the log stream. */
  message?: string;
  levelname?: string;
  /** The compressed log. */
  logFile?: Buffer;
}

interface Applied {
  answers: WorkerMessage[];
  /** A config is due. */
  changed: boolean;
}

/** Applies a request to the record as PGC section 4 says. */
export const applyRequest = (
  record: NodeServerRecord,
  request: Requests,
  refused: ReadonlyMap<string, string>,
): Applied => {
  const answers: WorkerMessage[] = [];
  const add = (node: WireAddNode): AddNodeResult => {
    const reason = refused.get(node.address);
    if (reason !== undefined) return { success: false, address: node.address, reason };
    record.nodes[node.address] = stored(record.nodes[node.address], node);
    return { success: true, address: node.address };
  };
  const remove = ({ address }: { address: string }) => {
    delete record.nodes[address];
  };
  const set = ({ address, driver, value, uom }: WireStatus) => {
    const node = record.nodes[address];
    if (node) node.drivers[driver] = { value, uom };
  };

  const { addnode, removenode, status, batch } = request;
  if (addnode) answers.push({ result: { addnode: add(addnode) } });
  if (removenode) remove(removenode);
  if (status) set(status);
  if (batch?.addnode) {
    const results = batch.addnode.map(add);
    answers.push({
      result: { addnode: results.map((one) => ({ ...one, statusCode: one.success ? 200 : 403 })) },
    });
  }
  batch?.removenode?.forEach(remove);
  batch?.status?.forEach(set);
  if (request.customparams) record.customParams = request.customparams;
  if (request.customdata) record.customData = request.customdata;
  if (request.notices) record.notices = request.notices;
  if (request.polls) {
    record.shortPoll = Number(request.polls.shortPoll);
    record.longPoll = Number(request.polls.longPoll);
    answers.push({ polls: { shortPoll: record.shortPoll, longPoll: record.longPoll } });
  }
  const changing = [
    'addnode',
    'removenode',
    'status',
    'batch',
    'customparams',
    'customdata',
    'notices',
    'config',
  ];
  return { answers, changed: changing.some((key) => key in request) };
};

const stored = (before: RecordNode | undefined, node: WireAddNode): RecordNode => ({
  address: node.address,
  name: node.name,
  nodedefid: node.nodedefid,
  primary: node.primary,
  isPrimary: node.isController,
  isController: node.isController,
  drivers: node.drivers,
  ...(node.hint === undefined ? {} : { hint: node.hint }),
  timeAdded: before?.timeAdded ?? Date.now(),
  timeStarted: 0,
});
