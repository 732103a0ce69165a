import { type RuntimeInfo, RuntimeName } from '@polyrelay/contract';
import { DomainError } from '#core/errors.js';

/** The runtimes of this machine: which can be chosen, and why others cannot. Whoever brings one says so. */
export class RuntimeChoices {
  readonly #available = new Set<RuntimeName>(['local']);
  readonly #reasons = new Map<RuntimeName, string>();

  offer(name: RuntimeName): void {
    this.#available.add(name);
  }

  /** @param reason why it cannot be chosen here, and what to do about it */
  refuse(name: RuntimeName, reason: string): void {
    this.#reasons.set(name, reason);
  }

  /** For programs whose registration names none: the safest that works without further set-up. */
  get default(): RuntimeName {
    return this.#available.has('sandbox') ? 'sandbox' : 'process';
  }

  list(): RuntimeInfo[] {
    return RuntimeName.options.map((name) => ({
      name,
      available: this.#available.has(name),
      reason: this.#available.has(name) ? '' : (this.#reasons.get(name) ?? 'It is not part of this service.'),
      default: name === this.default,
    }));
  }

  /** @throws DomainError `noSuchRuntime` with the reason, when it cannot be chosen here */
  check(name: RuntimeName): void {
    if (this.#available.has(name)) return;
    const reason = this.#reasons.get(name) ?? '';
    const message = `The runtime “${name}” is not available here. ${reason} Available: ${[...this.#available].join(', ')}.`;
    throw new DomainError('invalid', 'noSuchRuntime', message.replace('  ', ' '), {
      errors: [{ path: 'runtime', message }],
    });
  }
}
