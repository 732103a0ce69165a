import { xmlElement } from '@polyrelay/codecs/xml';
import type { PushMessage, ResourceFact } from '../types.js';

/** A fact with its content. Both texts are made when they are first asked for. */
export class Message implements PushMessage {
  readonly place;
  readonly ownerId;
  readonly resource;
  readonly path;
  readonly operation;
  readonly group;
  readonly monitorId;
  readonly event;
  readonly #customerId: number;
  readonly #content: object;
  #json: string | undefined;
  #xml: string | undefined;

  constructor(fact: ResourceFact, customerId: number, content: object) {
    this.place = fact.place;
    this.ownerId = fact.ownerId;
    this.resource = fact.resource;
    this.path = fact.path;
    this.operation = fact.operation;
    this.group = fact.group;
    this.monitorId = fact.monitorId;
    this.event = fact.event;
    this.#customerId = customerId;
    this.#content = content;
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.#shape());
    return this.#json;
  }

  get xml(): string {
    this.#xml ??= xmlElement('Msg', this.#shape());
    return this.#xml;
  }

  #shape(): object {
    return {
      topic: `${this.#customerId}/${this.resource}/${this.path.join('/')}`,
      operation: this.operation,
      timestamp: this.event.at.toISOString(),
      group: this.group,
      [this.resource]: this.#content,
    };
  }
}
