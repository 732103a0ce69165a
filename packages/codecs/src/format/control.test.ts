import type { CommandParameter, EditorRange } from '@polyrelay/contract';
import { describe, expect, it } from 'vitest';
import { controlOf } from './control.js';
import { plainRange } from './range.js';

const parameter = (...ranges: (Partial<EditorRange> & { uom: string })[]): CommandParameter => ({
  id: '',
  name: 'Value',
  init: null,
  optional: false,
  editor: { id: 'e', ranges: ranges.map((range) => ({ ...plainRange(range.uom), ...range })) },
});
const numbers = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

describe('controlOf', () => {
  it('makes a toggle of off and on', () => {
    expect(controlOf(parameter({ uom: '2' }))).toMatchObject({
      kind: 'toggle',
      choices: [
        { value: '0', label: 'False' },
        { value: '1', label: 'True' },
      ],
      uom: '2',
      unit: '',
    });
    expect(controlOf(parameter({ uom: '78', subset: [0, 100] })).kind).toBe('toggle');
    expect(controlOf(parameter({ uom: '78' })).choices.map(({ label }) => label)).toEqual(['Off', 'On']);
  });

  it('makes a list of labelled and listed values', () => {
    const mode = parameter({ uom: '25', subset: [-1, 0, 2], labels: { '-1': 'None', 0: 'Off', 7: 'Never' } });
    expect(controlOf(mode)).toMatchObject({
      kind: 'select',
      choices: [
        { value: '-1', label: 'None' },
        { value: '0', label: 'Off' },
        { value: '2', label: '2' },
      ],
    });
    expect(controlOf(parameter({ uom: '25', min: 1, max: 3 })).choices).toHaveLength(3);
    const range = parameter({ uom: '25', max: 1, labels: { '-1': 'a', 0: 'b', 1: 'c', 2: 'd' } });
    expect(controlOf(range).choices.map(({ value }) => value)).toEqual(['-1', '0', '1']);
    expect(controlOf(parameter({ uom: '45', subset: [15, 90] })).choices[1]?.label).toBe('1 h 30 min');
  });

  it('makes a slider of a quantity with limits', () => {
    expect(controlOf(parameter({ uom: '4', min: 4.5, max: 32, step: 0.5, prec: 1 }))).toEqual({
      kind: 'slider',
      min: 4.5,
      max: 32,
      step: 0.5,
      choices: [],
      uom: '4',
      unit: '°C',
    });
    expect(controlOf(parameter({ uom: '51', subset: numbers(0, 101) }))).toMatchObject({
      kind: 'slider',
      min: 0,
      max: 100,
    });
    expect(controlOf(parameter({ uom: '51', min: 0, max: 100, labels: { 0: 'Off' } })).kind).toBe('slider');
  });

  it('asks for a number where a slider could not be set exactly', () => {
    expect(controlOf(parameter({ uom: '56', min: 0, max: 65535 })).kind).toBe('number');
    expect(controlOf(parameter({ uom: '56', min: 0, max: 1, prec: 4 }))).toMatchObject({
      kind: 'number',
      step: 0.0001,
    });
    expect(controlOf(parameter({ uom: '17' }))).toMatchObject({ kind: 'number', min: null, max: null });
    expect(controlOf(parameter({ uom: '25', min: 0, max: 9999 })).kind).toBe('number');
  });

  it('asks for text where nothing is known, or text is meant', () => {
    expect(controlOf(parameter()).kind).toBe('text');
    expect(controlOf(parameter({ uom: '145' })).kind).toBe('text');
  });

  it('uses the range of the unit asked for', () => {
    const level = parameter({ uom: '51', min: 0, max: 100 }, { uom: '100', min: 0, max: 255 });
    expect(controlOf(level, '100')).toMatchObject({ uom: '100', max: 255 });
    expect(controlOf(level)).toMatchObject({ uom: '51', max: 100, unit: '%' });
  });
});
