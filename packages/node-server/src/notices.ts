import type { KeyedDocument } from './documents.js';

/** Messages for the user, by key; HTML is allowed, usually with one link (PGC section 1). */
export class Notices {
  readonly #document: KeyedDocument;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(document: KeyedDocument) {
    this.#document = document;
  }

  get all(): Record<string, unknown> {
    return this.#document.all;
  }

  has(key: string): boolean {
    return this.#document.has(key);
  }

  /** Shows a notice, in place of one with the same key. Put foreign text through `escapeHtml`. */
  add(key: string, html: string): Promise<void> {
    this.#forget(key);
    if (this.#document.get(key) === html) return Promise.resolve();
    return this.#document.merge({ [key]: html });
  }

  /** Shows a notice that goes away by itself. */
  addTemp(key: string, html: string, seconds: number): Promise<void> {
    const added = this.add(key, html);
    const timer = setTimeout(() => void this.remove(key).catch(() => {}), seconds * 1000);
    timer.unref();
    this.#timers.set(key, timer);
    return added;
  }

  remove(key: string): Promise<void> {
    this.#forget(key);
    return this.has(key) ? this.#document.remove(key) : Promise.resolve();
  }

  clear(): Promise<void> {
    this.close();
    return this.#document.clear();
  }

  /** Ends the timers of temporary notices. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #forget(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }
}

/** Text made safe to stand in a notice's HTML. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
