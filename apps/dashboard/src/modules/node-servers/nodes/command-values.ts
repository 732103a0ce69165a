import { type Control, controlOf } from '@polyrelay/codecs';
import type { CommandDescription, CommandParameter, Node, NodeCommand } from '@polyrelay/contract';

/** A parameter with the control it is asked by and what it starts with. */
export interface ParameterControl {
  parameter: CommandParameter;
  control: Control;
  /** The driver's present value where the profile names one, else the least that is allowed. */
  initial: string;
}

/** How a form asks for each parameter of a command. */
export function controlsOf(command: CommandDescription, node: Node): ParameterControl[] {
  return command.parameters.map((parameter) => {
    const now = parameter.init ? node.drivers[parameter.init] : undefined;
    const control = controlOf(parameter, now?.uom);
    return { parameter, control, initial: initialOf(control, now?.value, parameter.optional) };
  });
}

function initialOf(control: Control, now: string | number | undefined, isOptional: boolean): string {
  // What may be left out is left out until it is asked for: a lamp that is off would be turned on to 0 %.
  if (isOptional) return '';
  const present = now === undefined ? '' : String(now);
  if (control.choices.length > 0) {
    if (control.choices.some(({ value }) => value === present)) return present;
    return control.choices[0]?.value ?? '';
  }
  if (present !== '') return present;
  if (control.kind === 'text') return '';
  return control.min === null ? '' : String(control.min);
}

export type ValueProblem = 'missing' | 'notNumber' | 'tooSmall' | 'tooLarge';

/** What is wrong with a typed value, if anything. */
export function problemOf({ parameter, control }: ParameterControl, value: string): ValueProblem | null {
  if (value.trim() === '') return parameter.optional ? null : 'missing';
  if (control.kind !== 'number' && control.kind !== 'slider') return null;
  const number = Number(value);
  if (!Number.isFinite(number)) return 'notNumber';
  if (control.min !== null && number < control.min) return 'tooSmall';
  if (control.max !== null && number > control.max) return 'tooLarge';
  return null;
}

/**
 * The command that the values mean: the parameter without a name is its value, the named ones go as
 * `NAME.uom<number>` (PGC section 4).
 */
export function commandOf(
  command: CommandDescription,
  controls: readonly ParameterControl[],
  valueFor: (control: ParameterControl) => string,
): { command: NodeCommand } | { problem: ValueProblem; parameter: string } {
  const request: NodeCommand = { cmd: command.id };
  const params: Record<string, string> = {};
  for (const each of controls) {
    const value = valueFor(each).trim();
    const problem = problemOf(each, value);
    if (problem) return { problem, parameter: each.parameter.id };
    if (value === '') continue;
    const { uom } = each.control;
    if (each.parameter.id === '') {
      request.value = value;
      if (uom !== '') request.uom = uom;
    } else params[uom === '' ? each.parameter.id : `${each.parameter.id}.uom${uom}`] = value;
  }
  return { command: Object.keys(params).length > 0 ? { ...request, params } : request };
}
