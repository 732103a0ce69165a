import { type ConnectionRequest, PUSH_STATUS } from '@polyrelay/codecs/push';
import { MonitorId } from '@polyrelay/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '#core/errors.js';
import type { RefusalReason } from './figures.js';
import type { Caller, MonitorRecord } from './ports.js';

/** Somebody with a monitor of theirs. */
export interface SignedIn {
  caller: Caller;
  monitor: MonitorRecord;
}

/** What a client is answered that gets no session, and why. */
export interface Refusal {
  status: number;
  reason: RefusalReason;
}

const refusal = (status: number, reason: RefusalReason): Refusal => ({ status, reason });

/**
 * Finds out who asks for which monitor. One of somebody else is answered as one that there is not.
 * @param ip of who asks
 * @throws what the database does: nobody knows then who it is
 */
export async function signIn(
  app: FastifyInstance,
  { username, password, monitorId }: ConnectionRequest,
  ip: string,
): Promise<SignedIn | Refusal> {
  const caller = await callerOf(app, ip, { email: username, password });
  if ('reason' in caller) return caller;
  // Its list names what it is for, and monitors are none of that.
  if (caller.access.kind === 'acl') return refusal(PUSH_STATUS.notAuthorised, 'rights');
  const id = MonitorId.safeParse(monitorId);
  const monitor = id.success ? await app.monitors.find(caller.userId, id.data) : undefined;
  if (monitor?.transportType !== 'tcp') return refusal(PUSH_STATUS.badRequest, 'monitor');
  return { caller, monitor };
}

async function callerOf(
  app: FastifyInstance,
  ip: string,
  credentials: { email: string; password: string },
): Promise<Caller | Refusal> {
  try {
    return await app.access.signInProgram(ip, credentials);
  } catch (error) {
    const kind = error instanceof DomainError ? error.kind : undefined;
    if (kind === 'unauthenticated') return refusal(PUSH_STATUS.notAuthorised, 'credentials');
    if (kind === 'rateLimited') return refusal(PUSH_STATUS.notAuthorised, 'guesses');
    throw error;
  }
}
