import { useEffect, useState } from 'react';

/** What there is to say of a text: where it cannot be understood, counted from 0, and why. */
export type Verdict =
  | { kind: 'empty' | 'unknown' | 'good' }
  | { kind: 'bad'; message: string; position: number };

/** A language whose texts are judged as they are typed. Its code is loaded when the first text is written. */
export class Language {
  readonly #load: () => Promise<(text: string) => void>;
  #loading: Promise<unknown> | undefined;
  #read: ((text: string) => void) | undefined;

  /** `load` gives a function that throws an error, with a `position`, for a text that cannot be understood. */
  constructor(load: () => Promise<(text: string) => void>) {
    this.#load = load;
  }

  get isLoaded(): boolean {
    return this.#read !== undefined;
  }

  async load(): Promise<void> {
    this.#loading ??= this.#load().then((read) => {
      this.#read = read;
    });
    try {
      await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  judge(text: string): Verdict {
    if (text.trim() === '') return { kind: 'empty' };
    if (!this.#read) return { kind: 'unknown' };
    try {
      this.#read(text);
      return { kind: 'good' };
    } catch (error) {
      const { position } = error as { position?: unknown };
      return {
        kind: 'bad',
        message: error instanceof Error ? error.message : String(error),
        position: typeof position === 'number' ? position : 0,
      };
    }
  }
}

/** Judges a text of a language as it is typed. */
export function useJudged(language: Language, text: string): Verdict {
  const [, setLoaded] = useState(language.isLoaded);
  const isEmpty = text.trim() === '';
  useEffect(() => {
    // Where it cannot be loaded the service judges.
    if (!isEmpty && !language.isLoaded)
      language.load().then(
        () => setLoaded(true),
        () => {},
      );
  }, [isEmpty, language]);
  return language.judge(text);
}
