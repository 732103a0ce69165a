import type { Editor, EditorRange } from '@polyrelay/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickRange, plainRange } from './range.js';
import { unitOf, units } from './units.js';
import { formatValue } from './value.js';

const editor = (...ranges: (Partial<EditorRange> & { uom: string })[]): Editor => ({
  id: 'e',
  ranges: ranges.map((range) => ({ ...plainRange(range.uom), ...range })),
});
const show = (value: string | number, uom: string | number, described?: Editor) =>
  formatValue(described, { value, uom });

describe('formatValue', () => {
  it.each([
    ['21.5', '4', '21.5 °C'],
    ['-3', '17', '-3 °F'],
    ['40', '51', '40 %'],
    ['0', '51', '0 %'],
    ['180', '76', '180°'],
    ['12.5', '103', '$12.5'],
    ['-12.5', '103', '-$12.5'],
    ['1', '2', 'True'],
    ['False', '2', 'False'],
    ['0', '78', 'Off'],
    ['100', '78', 'On'],
    ['40', '78', '40'],
    ['1.0', '67', 'Heat'],
    ['35', '97', '35 %'],
    ['104', '97', 'Opening'],
    ['3', '25', '3'],
    ['7', '47', 'July'],
    ['hello', '4', 'hello'],
    ['', '4', ''],
    [' 21 ', ' 4 ', '21 °C'],
    ['5', '999', '5'],
    ['5', 'constructor', '5'],
    ['toString', '2', 'toString'],
    ['17.4', '145', '17.4'],
  ])('shows %s of unit %s as %s', (value, uom, shown) => expect(show(value, uom)).toBe(shown));

  it.each([
    ['30', '58', '30 s'],
    ['90', '58', '1 min 30 s'],
    ['3600', '57', '1 h'],
    ['45', '44', '45 min'],
    ['1530', '45', '1 d 1 h 30 min'],
    ['61.5', '58', '61.5 s'],
    ['-90', '58', '-90 s'],
    ['3', '20', '3 h'],
    ['1767225600', '151', '2026-01-01 00:00:00 UTC'],
    ['1e300', '151', '1e300'],
  ])('shows the time %s of unit %s as %s', (value, uom, shown) => expect(show(value, uom)).toBe(shown));

  it('keeps decimals as sent, up to the precision of the range', () => {
    const precise = editor({ uom: '4', prec: 1 });
    expect(show('21', '4', precise)).toBe('21 °C');
    expect(show('21.46', '4', precise)).toBe('21.5 °C');
    expect(show('-0.04', '4', precise)).toBe('0 °C');
    // A range without `prec` says nothing about decimals.
    expect(show('21.46', '4', editor({ uom: '4' }))).toBe('21.46 °C');
    expect(show(0.1 + 0.2, '4')).toBe('0.3 °C');
    expect(show(1e-7, '4')).toBe('0 °C');
    expect(show('123456789012345678901', '33')).toBe('123456789012345678901 kWh');
  });

  it('prefers labels of the profile to what the unit means by itself', () => {
    const named = editor(
      { uom: '2', labels: { 0: 'Closed', 1: 'Open' } },
      { uom: '51', labels: { 0: 'Off' } },
    );
    expect(show('1', '2', named)).toBe('Open');
    expect(show('true', '2', named)).toBe('Open');
    expect(show('0', '51', named)).toBe('Off');
    expect(show('12', '51', named)).toBe('12 %');
    // Off/on sent under another state unit still finds them; a quantity does not.
    expect(show('1', '25', named)).toBe('Open');
    expect(show('1', '4', named)).toBe('1 °C');
  });

  it('takes the unit of the first range where the node server sends none', () => {
    expect(show('21', '0', editor({ uom: '4' }, { uom: '17' }))).toBe('21 °C');
    expect(show('21', '', editor())).toBe('21');
  });

  it('never throws', () => {
    const scalar = fc.oneof(fc.string(), fc.double(), fc.integer());
    const uom = fc.oneof(fc.string(), fc.integer({ min: 0, max: 160 }));
    fc.assert(
      fc.property(scalar, uom, fc.integer({ min: 0, max: 30 }), (value, unit, prec) => {
        expect(typeof show(value, unit, editor({ uom: String(unit), prec }))).toBe('string');
      }),
    );
  });
});

describe('pickRange', () => {
  const both = editor({ uom: '4', prec: 1 }, { uom: '17' });

  it('takes the range of the unit, the first without one, and a plain one without a match', () => {
    expect(pickRange(both, 17)).toBe(both.ranges[1]);
    expect(pickRange(both)).toBe(both.ranges[0]);
    expect(pickRange(both, '51')).toEqual(plainRange('51'));
    expect(pickRange(undefined, '51')).toEqual(plainRange('51'));
  });
});

describe('units', () => {
  it('knows every unit up to 154', () => {
    expect(Object.keys(units)).toEqual(Array.from({ length: 155 }, (_, uom) => String(uom)));
    expect(unitOf(4)).toEqual({ symbol: '°C', name: 'degrees Celsius' });
    expect(unitOf('12345').symbol).toBe('');
  });
});
