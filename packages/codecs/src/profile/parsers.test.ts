import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinEditor } from './builtin.js';
import { parseEditors } from './editors.js';
import { mergeNls, parseNls } from './nls.js';
import { parseNodedefs } from './nodedefs.js';
import { MAX_SUBSET, parseSubset } from './subset.js';
import { MAX_FILE_BYTES, readText } from './text.js';

const range = { min: null, max: null, prec: 0, step: null, subset: null, nls: null };

describe('parseSubset', () => {
  it.each([
    ['0-3,7', [0, 1, 2, 3, 7]],
    ['0,1, 97,98 - 99', [0, 1, 97, 98, 99]],
    ['-50--48,-2-3', [-50, -49, -48, -2, -1, 0, 1, 2, 3]],
    ['5,1,1,3-1', [1, 2, 3, 5]],
    ['7,', [7]],
  ])('reads %s', (text, values) => expect(parseSubset(text)?.values).toEqual(values));

  it('keeps only the limits of a long list', () => {
    expect(parseSubset('0-65535')).toEqual({ values: null, min: 0, max: 65535 });
    const pairs = Array.from({ length: MAX_SUBSET }, (_, index) => index * 2).join(',');
    expect(parseSubset(pairs)?.values).toHaveLength(MAX_SUBSET);
    expect(parseSubset(`${pairs},9999`)).toEqual({ values: null, min: 0, max: 9999 });
  });

  it.each(['', ',', 'a', '1-2-3', '--1', '{0}'])('refuses %j', (text) => {
    expect(parseSubset(text)).toBeUndefined();
  });

  it('takes back the numbers it was written from', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -999, max: 999 }), { minLength: 1 }), (values) => {
        expect(parseSubset(values.join(','))?.values).toEqual(values.sort((a, b) => a - b));
      }),
    );
  });
});

describe('builtinEditor', () => {
  it.each([
    ['bool', { uom: '2', subset: [0, 1] }],
    ['_17_1', { uom: '17', prec: 1 }],
    ['_17_2_R_m5_10', { uom: '17', prec: 2, min: -5, max: 10 }],
    ['_56_0_R_m2147483647_2147483647', { uom: '56' }],
    ['_56_0_R_10_5', { uom: '56' }],
    [
      '_17_1_S_FF00FF00_3E',
      {
        uom: '17',
        prec: 1,
        subset: [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31, 33, 34, 35, 36, 37],
      },
    ],
    ['_51_0_N_IX_BATLVL', { uom: '51', nls: 'IX_BATLVL' }],
    ['_51_0_R_0_101_N_IX_DIM_REP', { uom: '51', min: 0, max: 101, nls: 'IX_DIM_REP' }],
    ['_2_0_B', { uom: '2' }],
    ['_sys_notify_short', { uom: '146' }],
  ])('reads %s', (id, over) => {
    expect(builtinEditor(id)).toEqual({ id, ranges: [{ ...range, ...over }] });
  });

  it.each(['I_OL', '_17', '_x_1', '__proto__', 'constructor', ''])('knows nothing of %j', (id) => {
    expect(builtinEditor(id)).toBeUndefined();
  });
});

describe('parseEditors', () => {
  it('reads ranges, whatever the case, space or number of roots', () => {
    const { editors, problems } = parseEditors(`\uFEFF<?xml version="1.0"?>\r
      <!-- generated -- do not edit -->\r
      <editors><Editor ID=" TEMP "><range uom="4" min="4.5" max="32" step="0.5" prec="1"/>
        <range uom='17' min='-40' max='90' /></Editor></editors>
      <editors><editor id="MODE"><range uom="25" subset="0-2" NLS="IX_MODE"/></editor></editors>`);
    expect(problems).toEqual([]);
    expect(editors).toEqual([
      {
        id: 'TEMP',
        ranges: [
          { ...range, uom: '4', min: 4.5, max: 32, step: 0.5, prec: 1 },
          { ...range, uom: '17', min: -40, max: 90 },
        ],
      },
      { id: 'MODE', ranges: [{ ...range, uom: '25', subset: [0, 1, 2], nls: 'IX_MODE' }] },
    ]);
  });

  it('leaves out what makes no sense, and says where', () => {
    const { editors, problems } = parseEditors(`<editors>
      <editor><range uom="4"/></editor>
      <editor id="A"><range type="string"/><range uom="C"/></editor>
      <editor id="B"><range uom="4" min="low" max="0x10" subset="a-b"/></editor>
      <editor id="C"><range uom="51" min="100" max="0" prec="-1" step="0"/></editor>
    </editors>`);
    expect(editors.map(({ ranges }) => ranges)).toEqual([
      [],
      [{ ...range, uom: '4' }],
      [{ ...range, uom: '51' }],
    ]);
    expect(problems).toEqual([
      'line 2: an editor has no id',
      'line 3: editor "A": a range has no uom',
      'line 3: editor "A": uom "C" is not a number',
      'line 4: editor "B": min "low" is not a number',
      'line 4: editor "B": max "0x10" is not a number',
      'line 4: editor "B": subset "a-b" is not a list of numbers',
      'line 5: editor "C": min 100 is above max 0',
    ]);
  });
});

describe('parseNodedefs', () => {
  it('reads drivers and commands', () => {
    const { nodedefs, problems } = parseNodedefs(`<nodeDefs><nodedef id="THERMOSTAT">
      <sts><st id="ST" editor="TEMP"/><st id="ST" editor="OTHER"/><st id="GV1"/></sts>
      <cmds>
        <sends><cmd id="DON"/><cmd id="DON"/></sends>
        <accepts>
          <cmd id="CLISPH"><p id="" editor="TEMP" init="CLISPH" optional="T"/></cmd>
          <cmd id="SAY"><p id="TEXT" editor="SPEECH" nls="S"/><p id="N"/></cmd>
          <cmd/>
        </accepts>
      </cmds></nodedef><nodeDef/></nodeDefs>`);
    expect(nodedefs).toEqual([
      {
        id: 'THERMOSTAT',
        nls: 'THERMOSTAT',
        drivers: [{ driver: 'ST', editor: 'TEMP' }],
        accepts: [
          {
            id: 'CLISPH',
            parameters: [{ id: '', editor: 'TEMP', init: 'CLISPH', optional: true, nls: null }],
          },
          {
            id: 'SAY',
            parameters: [{ id: 'TEXT', editor: 'SPEECH', init: null, optional: false, nls: 'S' }],
          },
        ],
        sends: ['DON'],
      },
    ]);
    expect(problems).toEqual([
      'line 2: nodeDef "THERMOSTAT": driver "GV1" has no editor',
      'line 7: nodeDef "THERMOSTAT": a parameter of "SAY" has no editor',
      'line 8: nodeDef "THERMOSTAT": a command has no id',
      'line 10: a nodeDef has no id',
    ]);
  });
});

describe('parseNls', () => {
  const nls = (text: string) => mergeNls([parseNls(text)]);

  it('reads names, comments and escapes', () => {
    const table = nls('\uFEFF# Names\r\n\r\n st-tstat-gv1-name=A = B \r\nT-NAME = 20\\u00B0\r\n#X = y');
    expect(table.first('NOPE', 'ST-TSTAT-GV1-NAME')).toBe('A = B');
    expect(table.first('t-name')).toBe('20°');
    expect(table.first('#X')).toBeUndefined();
  });

  it('collects labels by prefix, negative values included', () => {
    const table = nls(
      'IX_A-0 = Off\nIX_A-10 = On\nIX_A--1 = Gone\nIX_A-B-2 = Other\nIX_A-NAME = no\nIX_A-3 =',
    );
    expect(table.labels('ix_a')).toEqual({ 0: 'Off', 10: 'On', '-1': 'Gone' });
    expect(table.labels('IX_A-B')).toEqual({ 2: 'Other' });
    expect(table.labels('__proto__')).toBeUndefined();
  });

  it('names the lines that say nothing', () => {
    expect(parseNls('A = 1\nnonsense\n = x').problems).toEqual([
      'line 2: "nonsense" is not KEY = text',
      'line 3: "= x" is not KEY = text',
    ]);
  });

  it('takes back what it was written from', () => {
    const key = fc.stringMatching(/^[A-Z][A-Z0-9_-]{0,20}$/);
    const text = fc.stringMatching(/^[^\s\\]([^\n\r\\]{0,40}[^\s\\])?$/);
    fc.assert(
      fc.property(fc.dictionary(key, text), (entries) => {
        const lines = Object.entries(entries).map(([name, label]) => `${name} = ${label}`);
        expect(parseNls(lines.join('\r\n'))).toEqual({
          entries: new Map(Object.entries(entries)),
          problems: [],
        });
      }),
    );
  });
});

describe('readText', () => {
  it('decodes UTF-8, UTF-16 and Windows-1252, and refuses more than 1 MiB', () => {
    expect(readText(new TextEncoder().encode('\uFEFF20 °C\r\n'))).toBe('20 °C\n');
    expect(readText(Uint8Array.of(0xff, 0xfe, 0xb0, 0))).toBe('°');
    expect(readText(Uint8Array.of(0x32, 0xb0))).toBe('2°');
    expect(readText(new Uint8Array(MAX_FILE_BYTES).fill(32))).toHaveLength(MAX_FILE_BYTES);
    expect(readText(new Uint8Array(MAX_FILE_BYTES + 1))).toBeUndefined();
    expect(readText('x'.repeat(MAX_FILE_BYTES + 1))).toBeUndefined();
  });
});
