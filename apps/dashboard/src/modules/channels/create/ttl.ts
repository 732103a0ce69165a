import { MESSAGES_TTL } from '@polyrelay/contract';
import type { Errors } from '../../../lib/form';
import { t } from '../../../strings';

/** What is usually chosen, in seconds. */
export const presets = ['3600', '86400', '604800', '2592000'] as const;

/** How long messages are kept, as a form has it: a usual time, or one's own number of seconds. */
export interface TtlValues {
  ttl: string;
  seconds: string;
}

/** The form's values for a number of seconds. */
export const ttlValues = (seconds: number = MESSAGES_TTL.default): TtlValues => ({
  ttl: presets.find((preset) => preset === String(seconds)) ?? 'own',
  seconds: String(seconds),
});

/** The number of seconds; NaN where what was typed is none. */
export const secondsOf = ({ ttl, seconds }: TtlValues): number =>
  ttl !== 'own' ? Number(ttl) : /^\d+$/.test(seconds.trim()) ? Number(seconds) : Number.NaN;

/** What is wrong that the contract would say in other words. */
export const ttlErrors = (values: TtlValues): Errors =>
  Number.isNaN(secondsOf(values)) ? { seconds: t.channels.wholeSeconds } : {};
