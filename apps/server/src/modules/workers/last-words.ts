import type { LogLine } from '@polyrelay/contract';

/** So many lines are looked through for the one that says why. */
const MOST = 60;

/** What was said earlier has nothing to do with the end. */
const SPAN_MS = 10_000;

/** A reason is a sentence, not a log. */
const LONGEST = 200;

/** Lines around the one that says why: stack frames (native ones are numbered), carets, Node.js's version, where npm keeps a log of its own. */
const AROUND =
  /^(?:at |\d+: |-{3,}|<---|\^+$|~+\^*~*$|Node\.js v\d|npm (?:error|ERR!)(?: code \w+| errno -?\d+| A complete log of this run.*)?$|npm (?:warn|notice)|\[notice\])/;

/** `TypeError: …` of Node.js, `requests.exceptions.HTTPError: …` of Python. */
const EXCEPTION = /^(?:Uncaught )?(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt)\b/;

/** npm says why first, pip and compilers last. */
const NPM = /^npm (?:error|ERR!) /;

/** What a program wrote to stderr before it ended, and which of it says why. */
export class LastWords {
  #lines: { text: string; at: number }[] = [];

  add(stream: LogLine['stream'], text: string): void {
    if (stream !== 'stderr') return;
    const line = text.trim();
    if (line === '' || AROUND.test(line)) return;
    this.#lines.push({ text: line, at: Date.now() });
    if (this.#lines.length > MOST) this.#lines.shift();
  }

  /** The line that says why it ended; undefined when none does. */
  get text(): string | undefined {
    const since = Date.now() - SPAN_MS;
    const lines = this.#lines.filter(({ at }) => at >= since).map(({ text }) => text);
    const line =
      lines.find((text) => NPM.test(text)) ?? lines.findLast((text) => EXCEPTION.test(text)) ?? lines.at(-1);
    if (line === undefined || line.length <= LONGEST) return line;
    return `${line.slice(0, LONGEST)}…`;
  }
}

/** A reason with the program's own words, where it said some. */
export const withLastWords = (reason: string, words: string | undefined): string =>
  words === undefined ? reason : `${reason}: “${words}”`;
