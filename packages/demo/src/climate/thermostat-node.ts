import { type Command, Node } from '@polyrelay/node-server';
import type { Fan, Mode, Thermostat, ThermostatChange } from '../provider/climate.js';
import type { ClimateClient } from './climate-client.js';

/** Order is the index of units 67, 68 and 66. */
const modes: readonly Mode[] = ['off', 'heat', 'cool', 'auto'];
const fans: readonly Fan[] = ['auto', 'on'];
const states: readonly Thermostat['state'][] = ['idle', 'heating', 'cooling'];

export const addressOf = ({ id }: Pick<Thermostat, 'id'>): string => `t_${id.toLowerCase().slice(0, 12)}`;

const CELSIUS = 4;

export class ThermostatNode extends Node {
  static override readonly nodedefId = 'thermostat';
  override readonly drivers = {
    ST: { value: false, uom: 2 },
    CLITEMP: { value: 0, uom: CELSIUS },
    CLIHUM: { value: 0, uom: 22 },
    CLISPH: { value: 0, uom: CELSIUS },
    CLIMD: { value: 0, uom: 67 },
    CLIFS: { value: 0, uom: 68 },
    CLIHCS: { value: 0, uom: 66 },
  };
  override readonly commands = {
    CLISPH: (command: Command) => this.#change({ setPoint: celsius(command) }),
    CLIMD: ({ value }: Command) => this.#change({ mode: pick(modes, value) }),
    CLIFS: ({ value }: Command) => this.#change({ fan: pick(fans, value) }),
    DON: () => this.#change({ mode: 'auto' }),
    DOF: () => this.#change({ mode: 'off' }),
    QUERY: () => this.query(),
  };

  readonly #id: string;
  readonly #client: ClimateClient;

  constructor(thermostat: Thermostat, client: ClimateClient) {
    super({ address: addressOf(thermostat), name: thermostat.name });
    this.#id = thermostat.id;
    this.#client = client;
    this.show(thermostat);
  }

  show({ temperature, humidity, setPoint, mode, fan, state }: Thermostat): void {
    this.setDriver('ST', mode !== 'off');
    this.setDriver('CLITEMP', temperature);
    this.setDriver('CLIHUM', humidity);
    this.setDriver('CLISPH', setPoint);
    this.setDriver('CLIMD', modes.indexOf(mode));
    this.setDriver('CLIFS', fans.indexOf(fan));
    this.setDriver('CLIHCS', states.indexOf(state));
  }

  override async query(): Promise<void> {
    const found = (await this.#client.thermostats()).find(({ id }) => id === this.#id);
    if (found) this.show(found);
    this.reportDrivers();
  }

  async #change(change: ThermostatChange): Promise<void> {
    const before = this.getDriver('ST').value;
    this.show(await this.#client.change(this.#id, change));
    const after = this.getDriver('ST').value;
    if (after !== before) this.reportCmd(after === '1' ? 'DON' : 'DOF');
  }
}

/** Unit 17 is °F; the provider takes °C. */
const celsius = ({ value, uom }: Command): number => {
  const degrees = Number(value);
  const converted = uom === '17' ? ((degrees - 32) * 5) / 9 : degrees;
  if (value === undefined || !(converted >= 5 && converted <= 35))
    throw new RangeError('A set point is 5 to 35 °C');
  return Math.round(converted * 2) / 2;
};

const pick = <Choice>(choices: readonly Choice[], value = ''): Choice => {
  const choice = value === '' ? undefined : choices[Number(value)];
  if (choice === undefined) throw new RangeError(`There is no choice ${value || 'without a value'}`);
  return choice;
};
