import type { ParsedEditor, ParsedRange } from './editors.js';

/** The controller's own bounds of an integer: "no limit" in an encoded id. */
const NO_LIMIT = 2_147_483_647;

const range = (uom: string, over: Partial<ParsedRange> = {}): ParsedRange => ({
  uom,
  min: null,
  max: null,
  prec: 0,
  step: null,
  subset: null,
  nls: null,
  ...over,
});

/** Editors the controller has without any file. The `_sys_` ones list its notifications, unknown here. */
const known: Readonly<Record<string, ParsedRange>> = {
  bool: range('2', { subset: [0, 1] }),
  _sys_notify_short: range('146'),
  _sys_notify_full: range('148'),
};

/**
 * The editor an id describes by itself (PGC section 9): `bool`, or
 * `_<uom>_<prec>[_R_<min>_<max> | _S_<mask>[_<mask>]][_N_<nls>]` with `m` for minus and masks in
 * hexadecimal, e.g. `_17_1_R_m40_120`. A part that is none of these is ignored, the rest still holds.
 * Undefined if the id is an ordinary name.
 */
export function builtinEditor(id: string): ParsedEditor | undefined {
  const fixed = Object.hasOwn(known, id.toLowerCase()) ? known[id.toLowerCase()] : undefined;
  if (fixed) return { id, ranges: [fixed] };
  const match = /^_(\d{1,5})_(\d{1,2})(?:_(.*))?$/.exec(id);
  if (!match) return undefined;
  const [, uom = '0', prec = '0', rest = ''] = match;
  const [, limits = '', nls] = /^(.*?)(?:(?:^|_)N_(.+))?$/.exec(rest) ?? [];
  const over = { prec: Math.min(Number(prec), 15), nls: nls ?? null, ...limitsOf(limits) };
  return { id, ranges: [range(String(Number(uom)), over)] };
}

function limitsOf(text: string): Partial<ParsedRange> {
  const run = /^R_(m?\d{1,15}(?:\.\d+)?)_(m?\d{1,15}(?:\.\d+)?)$/i.exec(text);
  if (run) {
    const [min, max] = [signed(run[1]), signed(run[2])];
    return min !== null && max !== null && min > max ? {} : { min, max };
  }
  const masks = /^S_([\da-f]{1,8})(?:_([\da-f]{1,8}))?$/i.exec(text);
  return masks ? { subset: [...bits(masks[1], 0), ...bits(masks[2], 32)] } : {};
}

function signed(text = ''): number | null {
  const value = Number(text.replace(/^m/i, '-'));
  return Math.abs(value) >= NO_LIMIT ? null : value;
}

/** The numbers of the bits set in a 32-bit mask, counted from `first`. */
function bits(mask: string | undefined, first: number): number[] {
  const value = Number.parseInt(mask ?? '0', 16);
  return Array.from({ length: 32 }, (_, bit) => bit)
    .filter((bit) => Math.floor(value / 2 ** bit) % 2 === 1)
    .map((bit) => bit + first);
}
