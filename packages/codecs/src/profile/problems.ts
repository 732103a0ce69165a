/** A hostile or broken file could name thousands; the first ones are what its author needs. */
const MAX_PROBLEMS = 50;

/** Collects what could not be understood in one file, each with its line, up to a bound. */
export class ProblemList {
  readonly #messages: string[] = [];
  #omitted = 0;

  add(message: string, line?: number): void {
    if (this.#messages.length >= MAX_PROBLEMS) this.#omitted += 1;
    else this.#messages.push(line === undefined ? message : `line ${line}: ${message}`);
  }

  get messages(): string[] {
    if (this.#omitted === 0) return [...this.#messages];
    return [...this.#messages, `${this.#omitted} more problems are not listed`];
  }
}

/** Text of a file as it may stand in a message: quoted, short, on one line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
