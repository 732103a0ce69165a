/**
 * Numbers with more digits than a double holds. While a message is flattened and mapped each is a text behind U+0000,
 * which no stored text has; as JSON it gets its digits back.
 */
const MARK = '\0';
const MARKED = /"\\u0000(-?[\d.eE+-]+)"/g;

/** Only with so many digits, or an exponent, can a number be more than a double. */
const SUSPICIOUS = /\d(?:\.?\d){15}|\d[eE]/;
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
/** Any number of so many digits survives. */
const SAFE_DIGITS = 15;

/** Parses JSON, keeping the digits of numbers that would lose some. */
export function parseExact(json: string): unknown {
  if (!SUSPICIOUS.test(json)) return JSON.parse(json);
  return JSON.parse(
    json.replace(TEXT_OR_NUMBER, (token) =>
      token.startsWith('"') || survives(token) ? token : JSON.stringify(MARK + token),
    ),
  );
}

/** A message as JSON text, with all digits. */
export function exactJson(message: Record<string, unknown>): string {
  const json = JSON.stringify(message);
  return json.includes('\\u0000') ? json.replace(MARKED, '$1') : json;
}

/** The digits of a number that is kept as text; any other value as it is. */
export const digitsOf = (value: unknown): unknown =>
  typeof value === 'string' && value.startsWith(MARK) ? value.slice(1) : value;

/** The same as the nearest number there is. */
export const numberOf = (value: unknown): unknown =>
  typeof value === 'string' && value.startsWith(MARK) ? Number(value.slice(1)) : value;

function survives(token: string): boolean {
  const number = Number(token);
  const digits = significant(token);
  if (!Number.isFinite(number) || (number === 0 && digits !== '')) return false;
  return digits.length <= SAFE_DIGITS || digits === significant(String(number));
}

const significant = (token: string): string =>
  token
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
