import { type Inbound, type RuntimeInfo, RuntimeName } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';

/** What a runtime does about inbound traffic; `note`: why that is not all it could do, and what to do about it. */
interface InboundOffer {
  inbound: Inbound;
  note: string;
}

const NO_INBOUND: InboundOffer = { inbound: 'none', note: '' };

/** The runtimes of this machine: which can be chosen, and why others cannot. Whoever brings one says so. */
export class RuntimeChoices {
  readonly #available = new Map<RuntimeName, InboundOffer>([['local', { inbound: 'own', note: '' }]]);
  readonly #reasons = new Map<RuntimeName, string>();

  offer(name: RuntimeName, inbound: Inbound, note = ''): void {
    this.#available.set(name, { inbound, note });
  }

  /** @param reason why it cannot be chosen here, and what to do about it */
  refuse(name: RuntimeName, reason: string): void {
    this.#reasons.set(name, reason);
  }

  /** For programs whose registration names none: the safest that works without further set-up. */
  get default(): RuntimeName {
    return this.#available.has('sandbox') ? 'sandbox' : 'process';
  }

  /** What becomes of inbound traffic in a runtime; none where it is not to be had. */
  inbound(name: string): InboundOffer {
    return this.#available.get(name as RuntimeName) ?? NO_INBOUND;
  }

  list(): RuntimeInfo[] {
    return RuntimeName.options.map((name) => ({
      name,
      available: this.#available.has(name),
      reason: this.#available.has(name) ? '' : (this.#reasons.get(name) ?? 'It is not part of this service.'),
      default: name === this.default,
      inbound: this.inbound(name).inbound,
      inboundNote: this.inbound(name).note,
    }));
  }

  /** @throws DomainError `noSuchRuntime` with the reason, when it cannot be chosen here */
  check(name: RuntimeName): void {
    if (this.#available.has(name)) return;
    const reason = this.#reasons.get(name) ?? '';
    const message = `The runtime “${name}” is not available here. ${reason} Available: ${[...this.#available.keys()].join(', ')}.`;
    throw new DomainError('invalid', 'noSuchRuntime', message.replace('  ', ' '), {
      errors: [{ path: 'runtime', message }],
    });
  }
}
