import type { FastifyInstance } from 'fastify';

type Monitors = FastifyInstance['monitors'];

/** What the ports of other modules take and give. */
export type BlockSink = Parameters<Monitors['open']>[1];
export type Block = Parameters<BlockSink['send']>[0];
export type SessionEnd = Parameters<BlockSink['end']>[0];
export type PushSession = Awaited<ReturnType<Monitors['open']>>;
export type MonitorRecord = PushSession['monitor'];
export type Caller = Awaited<ReturnType<FastifyInstance['access']['signInProgram']>>;
