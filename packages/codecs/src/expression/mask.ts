import { MAX_TEXT } from './values.js';

/**
 * Makes a test for a mask: `*` is any text, `?` any character, `\` takes both their meaning. Takes no more than the
 * product of both lengths (a regular expression could take for ever).
 * @returns false too for texts beyond 65,536 characters
 */
export function compileMask(mask: string): (text: string) => boolean {
  const parts = [...mask.matchAll(/\\(.)|(.)/gsu)].map(([, escaped, plain]) =>
    escaped === undefined && (plain === '*' || plain === '?')
      ? { any: plain === '*', one: plain === '?', text: '' }
      : { any: false, one: false, text: escaped ?? plain ?? '' },
  );
  return (text) => {
    if (text.length > MAX_TEXT) return false;
    const characters = [...text];
    let at = 0;
    let part = 0;
    /** Where to go on when what follows the last `*` does not fit. */
    let retry: { part: number; at: number } | undefined;
    while (at < characters.length) {
      const wanted = parts[part];
      if (wanted?.any) {
        retry = { part: ++part, at };
      } else if (wanted !== undefined && (wanted.one || wanted.text === characters[at])) {
        part++;
        at++;
      } else if (retry !== undefined) {
        at = ++retry.at;
        part = retry.part;
      } else return false;
    }
    return parts.slice(part).every(({ any }) => any);
  };
}
