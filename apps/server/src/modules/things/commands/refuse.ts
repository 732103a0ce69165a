import type { FastifyInstance } from 'fastify';
import type { ThingRefs } from '../refs.js';

/** After the commit of what a thing may not do any more, or no longer with this certificate. */
export function refuseFromHere(app: FastifyInstance, refs: ThingRefs, id: string): void {
  refs.forget(id);
  app.mqtt.disconnect({ kind: 'thing', id });
}
