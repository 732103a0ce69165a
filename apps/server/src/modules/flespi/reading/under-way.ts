const MIB = 1024 * 1024;

/** What all answers together hold: read, and not taken by their clients yet. */
const BUDGET_BYTES = 128 * MIB;
/** A page may have this much in any case: everybody comes on. */
const SMALL_BYTES = MIB / 4;

/**
 * Pages on their way to clients. A client may take its answer as slowly as it likes, and there may be many of them:
 * beyond a budget pages are smaller, so that what they hold in memory stays bounded.
 */
export class PagesUnderWay {
  #bytes = 0;

  /**
   * Reads a page.
   * @param limitSize bytes it may have
   * @param gone ends when the client has it, or went away
   * @param read reads at most so many bytes
   */
  async read<Page>(
    limitSize: number,
    gone: AbortSignal,
    read: (limitSize: number) => Promise<Page>,
    textOf: (page: Page) => string,
  ): Promise<Page> {
    const size = this.#bytes + limitSize <= BUDGET_BYTES ? limitSize : Math.min(limitSize, SMALL_BYTES);
    this.#bytes += size;
    let bytes = 0;
    try {
      const page = await read(size);
      if (!gone.aborted) bytes = textOf(page).length;
      return page;
    } finally {
      this.#bytes += bytes - size;
      if (bytes > 0)
        gone.addEventListener(
          'abort',
          () => {
            this.#bytes -= bytes;
          },
          { once: true },
        );
    }
  }
}
