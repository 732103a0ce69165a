import type { LogLine, NodeServer } from '@polyrelay/contract';
import type { TestService } from './service.js';

/** Reads a node server again at every event about it, until it is as wanted. */
export async function untilNodeServer(
  service: TestService,
  id: string,
  wanted: (nodeServer: NodeServer) => boolean,
): Promise<NodeServer> {
  let notify = (): void => undefined;
  let again = false;
  const end = service.app.events.on(`nodeServers/${id}/#`, () => {
    again = true;
    notify();
  });
  try {
    for (;;) {
      again = false;
      const now = await service.call<NodeServer>('GET', `/api/node-servers/${id}`);
      if (wanted(now)) return now;
      if (!again) {
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
    }
  } finally {
    end();
  }
}

/** Resolves when the node server is gone. */
export async function untilGone(service: TestService, id: string): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    const end = service.app.events.on(`nodeServers/${id}`, ({ operation }) => {
      if (operation !== 'DELETION') return;
      end();
      resolve();
    });
  });
  if ((await service.fetch(`/api/node-servers/${id}`)).status !== 404) await gone;
}

/** Follows the log of a node server as the dashboard does: what is there already, and then every new line. */
export async function* followLog(
  service: TestService,
  id: string,
  query = '',
): AsyncGenerator<LogLine, void, undefined> {
  const abort = new AbortController();
  const response = await service.fetch(`/api/node-servers/${id}/log?follow=true${query}`, {
    signal: abort.signal,
  });
  if (response.body === null || !response.ok) throw new Error(`the log answered ${response.status}`);
  let rest = '';
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const data = /^data: (.*)$/m.exec(frame)?.[1];
        if (frame.includes('event: lines') && data !== undefined) yield* JSON.parse(data) as LogLine[];
      }
    }
  } finally {
    abort.abort();
  }
}

/** The first line of a log that matches, also one that is there already. */
export async function logLine(service: TestService, id: string, pattern: RegExp): Promise<LogLine> {
  for await (const line of followLog(service, id)) if (pattern.test(line.text)) return line;
  throw new Error(`the log ended without ${pattern}`);
}

/** What was recorded below a node server's topic while `work` ran: the rest of the topic, and the operation. */
export async function eventsBelow(
  service: TestService,
  id: string,
  work: () => Promise<unknown>,
): Promise<[string, string][]> {
  const seen: [string, string][] = [];
  await announced(service, id);
  const end = service.app.events.on(`nodeServers/${id}/+/#`, ({ topic, operation }) => {
    seen.push([topic.split('/').slice(2).join('/'), operation]);
  });
  await work();
  await announced(service, id);
  end();
  return seen;
}

/** Events are announced in the order of the log: when a new one is, all before it have been. */
async function announced({ app: { events } }: TestService, id: string): Promise<void> {
  const topic = `tests/${id}`;
  const mark = new Promise<void>((resolve) => {
    const end = events.on(topic, () => {
      end();
      resolve();
    });
  });
  await events.transaction(async (_tx, record) => record({ topic, operation: 'INSERTION', ownerId: null }));
  await mark;
}
