import type { Device } from '@polyrelay/codecs/push-resource';
import type { FastifyInstance } from 'fastify';
import type { ResourceFact } from '../types.js';
import { alarmContent, deviceContent, driverContent, eventContent, fileContent } from './shapes.js';

/** So many names of nodes stay at hand. */
const MAX_NAMES = 50_000;

/** Reads what facts tell of, from the modules that have it. What is gone meanwhile is told of without it. */
export class Contents {
  readonly #app: FastifyInstance;
  /** By `{node server}/{address}`. */
  readonly #nodeNames = new Map<string, string>();
  /** Grows with everything that is forgotten: what was being read meanwhile is not kept. */
  #forgotten = 0;

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.events.on('nodeServers/+/nodes/+', ({ topic }) => {
      const [, id, , address] = topic.split('/');
      this.#forgotten++;
      this.#nodeNames.delete(`${id}/${address}`);
    });
  }

  /** The content of each fact, as the object that stands behind the name of its resource. */
  async of(facts: readonly ResourceFact[], customers: ReadonlyMap<string, number>): Promise<object[]> {
    const [devices, texts, notices, names] = await Promise.all([
      this.#devices(facts),
      this.#texts(facts),
      this.#notices(facts),
      this.#names(facts),
    ]);
    return facts.map((fact) => {
      const cstId = customers.get(fact.ownerId) ?? 0;
      const source = sourceIdOf(fact);
      switch (fact.resource) {
        case 'DeviceCore':
          return deviceContent(fact, cstId, devices.get(source));
        case 'FileData':
        case 'FileDataCore':
          return fileContent(fact, cstId, texts.get(messageIdOf(fact)));
        case 'DataPoint':
        case 'DataStream':
          return driverContent(fact, cstId, names.get(`${source}/${fact.path[1]}`));
        case 'AlarmStatus':
          return alarmContent(fact, cstId, notices.get(`${source}/${noticeKeyOf(fact)}`));
        case 'Test':
          return { monId: fact.monitorId, cstId };
        default:
          return eventContent(fact.event);
      }
    });
  }

  async #devices(facts: readonly ResourceFact[]): Promise<Map<string, Device>> {
    const [nodeServers, things] = await Promise.all([
      this.#app.nodeServers.devicesById(deviceIdsOf(facts, 'nodeServers')),
      this.#app.things.devicesById(deviceIdsOf(facts, 'things')),
    ]);
    return new Map([...nodeServers, ...things].map((device) => [device.id, device]));
  }

  /** Short messages stand in the log as a whole. */
  async #texts(facts: readonly ResourceFact[]): Promise<Map<string, string>> {
    const files = facts.filter(({ resource }) => resource === 'FileData');
    const texts = new Map<string, string>();
    const long = new Set<string>();
    for (const file of files) {
      const { preview, truncated } = file.event.payload;
      if (truncated === false && typeof preview === 'string') texts.set(messageIdOf(file), preview);
      else long.add(messageIdOf(file));
    }
    if (long.size > 0)
      for (const [id, text] of await this.#app.messages.texts([...long])) texts.set(id, text);
    return texts;
  }

  async #notices(facts: readonly ResourceFact[]): Promise<Map<string, string>> {
    const wanted = facts.filter(
      ({ resource, operation }) => resource === 'AlarmStatus' && operation !== 'DELETION',
    );
    if (wanted.length === 0) return new Map();
    return this.#app.nodeServers.noticeTexts(
      wanted.map((fact) => ({ nodeServerId: sourceIdOf(fact), key: noticeKeyOf(fact) })),
    );
  }

  async #names(facts: readonly ResourceFact[]): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    const missing = new Map<string, { nodeServerId: string; key: string }>();
    for (const fact of facts) {
      if (fact.resource !== 'DataPoint' && fact.resource !== 'DataStream') continue;
      const [nodeServerId, key] = [sourceIdOf(fact), fact.path[1] ?? ''];
      const kept = this.#nodeNames.get(`${nodeServerId}/${key}`);
      if (kept === undefined) missing.set(`${nodeServerId}/${key}`, { nodeServerId, key });
      else names.set(`${nodeServerId}/${key}`, kept);
    }
    if (missing.size === 0) return names;
    const forgotten = this.#forgotten;
    const read = await this.#app.nodeServers.nodeNames([...missing.values()]);
    if (this.#nodeNames.size > MAX_NAMES) this.#nodeNames.clear();
    for (const id of missing.keys()) {
      const name = read.get(id) ?? '';
      names.set(id, name);
      if (forgotten === this.#forgotten) this.#nodeNames.set(id, name);
    }
    return names;
  }
}

/** Id of the node server or the thing. */
const sourceIdOf = ({ event }: ResourceFact): string => event.topic.split('/')[1] ?? '';

/** Id of a message: the last level of its topic. */
const messageIdOf = ({ event }: ResourceFact): string => event.topic.split('/')[3] ?? '';

const noticeKeyOf = ({ event }: ResourceFact): string => decodeURIComponent(event.topic.split('/')[3] ?? '');

const deviceIdsOf = (facts: readonly ResourceFact[], kind: string): string[] => [
  ...new Set(
    facts
      .filter(({ resource, event }) => resource === 'DeviceCore' && event.topic.startsWith(`${kind}/`))
      .map(sourceIdOf),
  ),
];
