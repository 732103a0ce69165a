/** So many lines may come at once: a start, a long traceback, a module that tells all it knows for once. */
const BURST = 200_000;

/** So many lines a second of one worker are kept however long it goes on: more than anybody reads. */
const PER_SECOND = 5000;

/** A line that is longer counts as several. */
const LINE_CHARS = 256;

const WINDOW_MS = 1000;

/** What came in one second of a flood. */
export interface FloodReport {
  lines: number;
  dropped: number;
}

/** Holds a worker that floods its log to what a disk and a reader bear; tells once a second what was not kept. */
export class FloodGuard {
  readonly #onSecond: (report: FloodReport) => void;
  #tokens = BURST;
  #at = 0;
  #lines = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onSecond is told of each second in which lines were dropped, and of the first one without any */
  constructor(onSecond: (report: FloodReport) => void) {
    this.#onSecond = onSecond;
  }

  /** Whether a line is kept. @param now in ms @param isFull the disk is too slow: nothing is, for now */
  admits(chars: number, now: number, isFull = false): boolean {
    if (now !== this.#at) {
      this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#at) * PER_SECOND) / 1000);
      this.#at = now;
    }
    this.#lines++;
    const cost = chars > LINE_CHARS ? chars / LINE_CHARS : 1;
    if (this.#tokens >= cost && !isFull) {
      this.#tokens -= cost;
      return true;
    }
    this.#dropped++;
    if (this.#timer === undefined) {
      this.#lines = 1;
      this.#timer = setTimeout(this.#tell, WINDOW_MS);
    }
    return false;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  readonly #tell = (): void => {
    const report = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = 0;
    this.#dropped = 0;
    this.#timer = report.dropped > 0 ? setTimeout(this.#tell, WINDOW_MS) : undefined;
    this.#onSecond(report);
  };
}
