import type { RuleValues } from './rule-form';

/** What the parts of the form have of it. */
export interface FormPart {
  values: RuleValues;
  set: <K extends keyof RuleValues>(name: K, value: RuleValues[K]) => void;
}

export interface FieldState {
  name: string;
  error: string | undefined;
  onBlur: () => void;
}
