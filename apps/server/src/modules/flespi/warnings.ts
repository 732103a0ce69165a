/** What an answer says beside its result: what was asked for and is not done quite so. */
export class Warnings {
  readonly #reasons: string[] = [];

  add(reason: string): void {
    this.#reasons.push(reason);
  }

  /** `{ warnings: [{ reason }] }`, or nothing. */
  present(): { warnings?: { reason: string }[] } {
    return this.#reasons.length === 0 ? {} : { warnings: this.#reasons.map((reason) => ({ reason })) };
  }

  /** The same as the end of an object: `,"warnings":[…]`. */
  json(): string {
    return this.#reasons.length === 0 ? '' : `,${JSON.stringify(this.present()).slice(1, -1)}`;
  }
}
