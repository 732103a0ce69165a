import type { PolicyLimits, Thing } from '@polyrelay/contract';
import type { IClientOptions, MqttClient } from 'mqtt';
import { connectMqtts } from './mqtt-connect.js';
import type { TestService } from './service.js';

let made = 0;

/** Creates a thing with a name of its own. */
export const createThing = (service: TestService, body: Record<string, unknown> = {}): Promise<Thing> =>
  service.call<Thing>('POST', '/api/things', { body: { name: `thing-${++made}`, ...body }, status: 201 });

/** What a thing has of its distribution to connect with, PEM. */
export interface ThingFiles {
  name: string;
  certificate: string;
  privateKey: string;
}

/** The keys of a thing as they are now. */
export async function thingFiles({ app }: TestService, { id }: { id: string }): Promise<ThingFiles> {
  const row = await app.database.prisma.thing.findUniqueOrThrow({ where: { id } });
  if (row.privateKey === null) throw new Error(`the private key of ${row.name} is gone`);
  const privateKey = app.keyring.open(row.privateKey, `things.private_key:${id}`);
  return { name: row.name, certificate: row.certificate, privateKey };
}

/** Connects as a thing does. @throws with the broker's answer */
export function connectThing(
  service: TestService,
  files: ThingFiles,
  options: IClientOptions = {},
): Promise<MqttClient> {
  return connectMqtts({
    port: service.mqttPort,
    ca: service.app.authority.caPem,
    cert: files.certificate,
    key: files.privateKey,
    clientId: files.name,
    ...options,
  });
}

/** A new thing that is connected. */
export async function newConnectedThing(
  service: TestService,
): Promise<{ thing: Thing; files: ThingFiles; client: MqttClient }> {
  const thing = await createThing(service);
  const files = await thingFiles(service, thing);
  return { thing, files, client: await connectThing(service, files) };
}

/** Sets the limits for everybody; what is left out is unlimited. */
export const setLimits = (service: TestService, limits: Partial<PolicyLimits>): Promise<unknown> =>
  service.call('PUT', '/api/policies/default', {
    body: { things: null, collected: null, published: null, retentionDays: null, ...limits },
  });
