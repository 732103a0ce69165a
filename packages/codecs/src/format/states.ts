/** Labels of numbered states, in the order of their values. */
type States = Readonly<Record<string, string>>;

/** `'0=Off, 100=On'` → `{ 0: 'Off', 100: 'On' }`: the tables below stay short enough to compare. */
const states = (text: string): States =>
  Object.fromEntries(text.split(', ').map((pair) => pair.split('=') as [string, string]));

/** `'a, b, c'` numbered from `first`. */
const numbered = (first: number, text: string): States =>
  Object.fromEntries(text.split(', ').map((label, index) => [String(first + index), label]));

const known: Readonly<Record<string, States>> = {
  2: states('0=False, 1=True'),
  11: states('0=Unlocked, 100=Locked, 101=Unknown, 102=Problem'),
  15: {
    ...numbered(
      1,
      'Master code changed, Tamper code entry limit, Escutcheon removed, Manually locked, Locked by touch, ' +
        'Manually unlocked, Remote lock: bolt jammed, Locked remotely, Unlocked remotely, Bolt jammed, ' +
        'Battery too low to operate, Battery critically low, Battery low, Locked automatically, ' +
        'Automatic lock: bolt jammed, Power cycled remotely, Lock handling complete',
    ),
    ...numbered(
      19,
      'User deleted, User added, Duplicate code, Keypad lock: bolt jammed, Locked by keypad, ' +
        'Unlocked by keypad, Keypad used outside schedule, Hardware failure, Factory reset, ' +
        'Not fully locked, All codes deleted, Duplicate code not added, Keypad disabled for a while, ' +
        'Keypad busy, New program code, Unlock with invalid code, Lock with invalid code, Opened, Closed, ' +
        'Handle opened, Handle closed, Code entered on keypad, Power cycled',
    ),
  },
  47: numbered(
    1,
    'January, February, March, April, May, June, July, August, September, October, November, December',
  ),
  66: numbered(
    0,
    'Idle, Heating, Cooling, Fan only, Pending heat, Pending cool, Vent, Aux heat, 2nd stage heating, ' +
      '2nd stage cooling, 2nd stage aux heat, 3rd stage aux heat',
  ),
  67: numbered(
    0,
    'Off, Heat, Cool, Auto, Aux/emergency heat, Resume, Fan only, Furnace, Dry air, Moist air, ' +
      'Auto changeover, Energy save heat, Energy save cool, Away, Program auto, Program heat, Program cool',
  ),
  68: numbered(
    0,
    'Auto, On, Auto high, High, Auto medium, Medium, Circulation, Humidity circulation, ' +
      'Left/right circulation, Up/down circulation, Quiet',
  ),
  78: states('0=Off, 100=On, 101=Unknown'),
  79: states('0=Open, 100=Closed, 101=Unknown'),
  80: numbered(
    0,
    'Off, On, On high, On medium, Circulation, Humidity circulation, Right/left circulation, ' +
      'Up/down circulation, Quiet circulation',
  ),
  84: states('0=Unlocked, 1=Locked'),
  93: numbered(
    1,
    'Power applied, Mains disconnected, Mains reconnected, Surge detected, Voltage drop or drift, ' +
      'Over-current, Over-voltage, Overload, Load error, Replace battery soon, Replace battery now, ' +
      'Battery charging, Battery charged, Charge battery soon, Charge battery now',
  ),
  94: numbered(
    1,
    'Program started, Program in progress, Program completed, Replace main filter, ' +
      'Target temperature not reached, Supplying water, Water supply failure, Boiling, Boiling failure, ' +
      'Washing, Washing failure, Rinsing, Rinsing failure, Draining, Draining failure, Spinning, ' +
      'Spinning failure, Drying, Drying failure, Fan failure, Compressor failure',
  ),
  95: numbered(1, 'Leaving bed, Sitting on bed, Lying on bed, Posture changed, Sitting on edge of bed'),
  96: numbered(1, 'Clean, Slightly polluted, Moderately polluted, Highly polluted'),
  97: states('0=Closed, 100=Open, 101=Unknown, 102=Stopped, 103=Closing, 104=Opening'),
  98: numbered(0, 'Off, Heat, Cool, Auto, Fan only, Program auto, Program heat, Program cool'),
  99: states('7=On, 8=Auto'),
  115: numbered(
    0,
    'On, Off, Fade up, Fade down, Fade stop, Fast on, Fast off, Triple press on, Triple press off, ' +
      '4 presses on, 4 presses off, 5 presses on, 5 presses off',
  ),
};

const none: States = {};

/** What the numbers of a unit mean without any profile (uom 78: 0 is Off, 100 is On); `{}` for quantities. */
export function stateLabels(uom: string | number): States {
  const key = String(uom).trim();
  return Object.hasOwn(known, key) ? (known[key] ?? none) : none;
}

/** Whether values of this unit are states to choose from (or an index into labels), not quantities. */
export function isStateUnit(uom: string): boolean {
  // 97 counts as a quantity too: 1–99 are the percentage a barrier is open.
  return uom === '25' || (uom !== '97' && Object.hasOwn(known, uom));
}
