export type Mode = 'off' | 'heat' | 'cool' | 'auto';
export type Fan = 'auto' | 'on';

export interface Thermostat {
  id: string;
  name: string;
  /** °C, one decimal. */
  temperature: number;
  /** % */
  humidity: number;
  /** °C */
  setPoint: number;
  mode: Mode;
  fan: Fan;
  /** What it does right now. */
  state: 'idle' | 'heating' | 'cooling';
}

export type ThermostatChange = Partial<Pick<Thermostat, 'setPoint' | 'mode' | 'fan'>>;

export interface Climate {
  read(account: string): Thermostat[];
  change(account: string, id: string, change: ThermostatChange): Thermostat | undefined;
}

const round = (value: number) => Math.round(value * 10) / 10;

const home = (): Thermostat[] => [
  room('living', 'Living room', 20.6, 44, 21.5),
  room('bedroom', 'Bedroom', 18.4, 51, 18),
  room('study', 'Study', 22.9, 39, 22),
];

const room = (
  id: string,
  name: string,
  temperature: number,
  humidity: number,
  setPoint: number,
): Thermostat => ({
  id,
  name,
  temperature,
  humidity,
  setPoint,
  mode: 'auto',
  fan: 'auto',
  state: 'idle',
});

/**
 * Thermostats of every account, made when first asked for. Each reading moves them a little: towards
 * the set point while heating or cooling, else a slow drift, so that a dashboard always has news.
 */
export const demoClimate = (): Climate => {
  const homes = new Map<string, Thermostat[]>();
  const of = (account: string) => {
    const known = homes.get(account) ?? home();
    homes.set(account, known);
    return known;
  };
  return {
    read: (account) => of(account).map(step),
    change: (account, id, change) => {
      const thermostat = of(account).find((one) => one.id === id);
      if (thermostat) Object.assign(thermostat, change);
      return thermostat && { ...thermostat };
    },
  };
};

const step = (thermostat: Thermostat): Thermostat => {
  const { temperature, setPoint, mode } = thermostat;
  const away = setPoint - temperature;
  const heats = away > 0.3 && (mode === 'heat' || mode === 'auto');
  const cools = away < -0.3 && (mode === 'cool' || mode === 'auto');
  thermostat.state = heats ? 'heating' : cools ? 'cooling' : 'idle';
  const drift = (1 + Math.floor(Math.random() * 2)) / 10;
  const direction = heats ? 1 : cools ? -1 : Math.random() < 0.5 ? 1 : -1;
  // Nothing heats or cools a house without end, even when it is off.
  thermostat.temperature = Math.min(35, Math.max(5, round(temperature + direction * drift)));
  thermostat.humidity = Math.min(70, Math.max(25, thermostat.humidity + Math.round(Math.random() * 2 - 1)));
  return { ...thermostat };
};
