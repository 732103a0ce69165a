export { type Choice, type Control, controlOf } from './format/control.js';
export { pickRange, plainRange } from './format/range.js';
export { stateLabels } from './format/states.js';
export { type Unit, unitOf, units } from './format/units.js';
export { type DriverValue, formatValue } from './format/value.js';
