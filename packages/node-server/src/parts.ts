import { Hooks } from './hooks.js';
import { Kept } from './kept.js';
import { Line } from './line.js';
import { LogStream } from './log-stream.js';
import type { NodeServer } from './node-server.js';
import type { NodeServerOptions } from './node-server-options.js';
import { Notices } from './notices.js';
import { Outbox } from './outbox.js';
import { Polls } from './polls.js';
import { Profile } from './profile.js';
import { Registry } from './registry.js';
import { Webhooks } from './webhooks.js';

type Send = (keys: Record<string, unknown>, to?: 'ns' | 'isy') => Promise<void>;

/** What a node server is put together from. */
export interface Parts {
  line: Line;
  /** Sends at once, after what the nodes have reported before. */
  send: Send;
  kept: Kept;
  notices: Notices;
  profile: Profile;
  hooks: Hooks;
  outbox: Outbox;
  registry: Registry;
  polls: Polls;
  logStream: LogStream;
  webhooks: Webhooks;
}

/** Makes the parts and joins them. @param folder the node server's own; known once it starts */
export function partsOf(server: NodeServer, options: NodeServerOptions, folder: () => string): Parts {
  const { log } = server;
  const line = new Line();
  const connected = () => line.connected;
  const outbox = new Outbox((keys) => line.publish(keys), connected, options.batchWindowMs ?? 5);
  const send: Send = (keys, to) => {
    outbox.flush();
    return line.publish(keys, to);
  };
  const kept = new Kept(send);
  const hooks = new Hooks(log);
  return {
    line,
    send,
    kept,
    hooks,
    outbox,
    notices: new Notices(kept.notices),
    profile: new Profile({
      log,
      customData: kept.customData,
      folder,
      version: () => server.serverJson?.profile_version,
      firstRun: () => kept.record.firstRun,
      send: (file) => send({ uploadProfile: file }, 'isy'),
    }),
    registry: new Registry({
      port: { server, command: (event) => void send({ command: event }).catch(() => {}) },
      outbox,
      record: () => kept.record,
      connected,
      timeoutMs: options.addNodeTimeoutMs ?? 30_000,
      removed: (address) => server.emit('nodeRemoved', address),
    }),
    polls: new Polls((name) => hooks.run(name, () => server.controller[name]())),
    logStream: new LogStream(log, (payload, part) => line.publishLog(payload, part)),
    webhooks: new Webhooks({
      log: () => log,
      send,
      connected,
      told: (url) => server.emit('webhookUrl', url),
    }),
  };
}
