import { NodedefDescription } from '@polyrelay/contract';
import { describe, expect, it } from 'vitest';
import { controlOf, formatValue } from '../index.js';
import { describeProfile } from './describe.js';

/** A cloud thermostat, written as published node servers write theirs. */
const nodedefs = `<?xml version="1.0" encoding="UTF-8"?>
<!-- Version 1.0.0 -- cloud thermostats -->
<nodeDefs>
  <nodeDef id="controller" nls="ctl">
    <editors/>
    <sts><st id="ST" editor="bool"/><st id="GV1" editor="_56_0_R_0_99"/></sts>
    <cmds>
      <sends><cmd id="DON"/><cmd id="DOF"/></sends>
      <accepts><cmd id="DISCOVER"/><cmd id="QUERY"/></accepts>
    </cmds>
  </nodeDef>
  <nodeDef id="thermostat" nodeType="140" nls="TST">
    <sts>
      <st id="CLITEMP" editor="I_TEMP"/>
      <st id="CLIMD" editor="I_MODE"/>
      <st id="BATLVL" editor="_51_0_N_IX_BAT"/>
      <st id="GV2" editor="MISSING"/>
      <st id="ERR" editor="_25_0" hide="T"/>
    </sts>
    <cmds>
      <sends/>
      <accepts>
        <cmd id="CLISPH"><p id="" editor="I_TEMP" init="CLISPH"/></cmd>
        <cmd id="CLIMD"><p id="" editor="I_MODE"/></cmd>
        <cmd id="HOLD">
          <p id="HOURS" editor="_20_0_R_1_24" optional="T"/>
          <p id="TYPE" editor="I_MODE" init="CLIMD"/>
          <p id="RR" editor="_58_0"/>
        </cmd>
      </accepts>
    </cmds>
  </nodeDef>
</nodeDefs>`;

const editors = `<editors>
  <editor id="I_TEMP">
    <range uom="4" min="4.5" max="32" prec="1" step="0.5"/>
    <range uom="17" min="40" max="90"/>
  </editor>
  <editor id="I_MODE"><range uom="25" subset="0-2" nls="IX_MODE"/></editor>
</editors>`;

const nls = `# Nodes
ND-controller-NAME = Thermostat Cloud
ND-controller-ICON = GenericCtl
NDN-TST-NAME = Thermostat
ND-thermostat-NAME = ignored: the nls comes first
ND-thermostat-ICON = Thermostat
ST-ctl-ST-NAME = Connected
ST-ctl-GV1-NAME = Thermostats
CMD-ctl-DISCOVER-NAME = Find thermostats
CMD-DON-NAME = Went online
CMD-TST-HOLD-NAME = Hold
CMDPN-TST-HOURS-NAME = For
CMDP-TYPE-NAME = Mode to hold
IX_MODE-0 = Off
IX_MODE-1 = Heat
IX_MODE-2 = Cool
IX_BAT-255 = Unknown
`;

const file = (type: 'nodedef' | 'editor' | 'nls', filename: string, content: string | Uint8Array) => ({
  type,
  filename,
  content,
});
const profile = [
  file('nodedef', 'nodedefs.xml', nodedefs),
  file('editor', 'editors.xml', new TextEncoder().encode(editors)),
  file('nls', 'en_us.txt', nls.replaceAll('\n', '\r\n')),
];

describe('describeProfile', () => {
  const described = describeProfile(profile);
  const controller = described.nodedefs.controller;
  const thermostat = described.nodedefs.thermostat;

  it('keeps the contract', () => {
    expect(Object.values(described.nodedefs).map((nodedef) => NodedefDescription.parse(nodedef))).toEqual([
      controller,
      thermostat,
    ]);
  });

  it('names nodes, drivers, commands and parameters as the controller does', () => {
    expect(controller).toMatchObject({ name: 'Thermostat Cloud', icon: 'GenericCtl' });
    expect(thermostat).toMatchObject({ name: 'Thermostat', icon: 'Thermostat' });
    expect(controller?.drivers.map(({ name }) => name)).toEqual(['Connected', 'Thermostats']);
    expect(thermostat?.drivers.map(({ name }) => name)).toEqual([
      'Temperature',
      'Mode',
      'Battery Level',
      'GV2',
      'Error',
    ]);
    expect(controller?.accepts.map(({ name }) => name)).toEqual(['Find thermostats', 'Query']);
    expect(controller?.sends).toEqual([
      { id: 'DON', name: 'Went online' },
      { id: 'DOF', name: 'Off' },
    ]);
    expect(thermostat?.accepts.map(({ name, parameters }) => [name, parameters.map((p) => p.name)])).toEqual([
      ['Heat Setpoint', ['Heat Setpoint']],
      ['Mode', ['Value']],
      ['Hold', ['For', 'Mode to hold', 'Ramp Rate']],
    ]);
  });

  it('gives what a dashboard needs to show values and ask for them', () => {
    const editorOf = (driver: string) => thermostat?.drivers.find((each) => each.driver === driver)?.editor;
    expect(formatValue(editorOf('CLITEMP'), { value: '21.5', uom: '4' })).toBe('21.5 °C');
    expect(formatValue(editorOf('CLITEMP'), { value: '70', uom: '17' })).toBe('70 °F');
    expect(formatValue(editorOf('CLIMD'), { value: '1', uom: '25' })).toBe('Heat');
    expect(formatValue(editorOf('BATLVL'), { value: '255', uom: '51' })).toBe('Unknown');
    const [setpoint, mode, hold] = thermostat?.accepts ?? [];
    expect(setpoint?.parameters.map((p) => controlOf(p, '17'))).toMatchObject([{ kind: 'slider', max: 90 }]);
    expect(mode?.parameters.map((p) => controlOf(p).kind)).toEqual(['select']);
    expect(hold?.parameters[0]).toMatchObject({ optional: true, init: null });
  });

  it('says what is missing, and leaves it open', () => {
    expect(described.problems).toEqual([
      { filename: 'nodedefs.xml', message: 'nodeDef "thermostat": editor "MISSING" is not defined' },
    ]);
    expect(thermostat?.drivers[3]?.editor).toEqual({ id: 'MISSING', ranges: [] });
  });

  it('merges files of a type; the last definition counts, and English decides', () => {
    const { nodedefs: merged, problems } = describeProfile([
      file('nls', 'profile/nls/en_us.txt', 'ND-A-NAME = Lamp'),
      file('nls', 'profile/nls/de_de.txt', 'ND-A-NAME = Lampe\nST-A-ST-NAME = Zustand'),
      file('nodedef', 'a.xml', '<nodeDef id="A"/><nodeDef id="B"/>'),
      file('nodedef', 'b.xml', '<nodeDef id="A"><sts><st id="ST" editor="X"/></sts></nodeDef>'),
      file('editor', 'a.xml', '<editor id="X"><range uom="25"/></editor>'),
      file('editor', 'b.xml', '<editor id="x"><range uom="4"/></editor>'),
    ]);
    expect(Object.keys(merged)).toEqual(['A', 'B']);
    expect(merged.A).toMatchObject({
      name: 'Lamp',
      drivers: [{ name: 'Zustand', editor: { id: 'X', ranges: [{ uom: '4' }] } }],
    });
    expect(problems).toEqual([
      { filename: 'b.xml', message: 'nodeDef "A" is defined more than once; the last one counts' },
    ]);
  });

  it('reads the good files beside a bad one', () => {
    const broken = describeProfile([
      ...profile.slice(0, 1),
      file('editor', 'editors.xml', '<editors>\n<editor id="I_TEMP">\n</editors>'),
      file('nls', 'en_us.txt', new Uint8Array(2_000_000)),
    ]);
    expect(Object.keys(broken.nodedefs)).toEqual(['controller', 'thermostat']);
    expect(broken.problems.slice(0, 2)).toEqual([
      { filename: 'en_us.txt', message: 'the file is larger than 1 MiB' },
      { filename: 'editors.xml', message: 'line 3: Missing end tag for element editor' },
    ]);
  });
});
