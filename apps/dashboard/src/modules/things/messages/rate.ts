import type { MessageRate, MessageType } from '@polyrelay/contract';

type Counted = { type: MessageType; at: string };

/** The rate with what came since: until when the service had counted stays in `countedTo`. */
export interface LiveRate extends MessageRate {
  countedTo: string;
}

/** Counts messages that came after the service's own counting; the last span is followed by as many as needed. */
export function addToRate(rate: LiveRate, messages: readonly Counted[]): LiveRate {
  const fresh = messages.filter(({ at }) => Date.parse(at) >= Date.parse(rate.countedTo));
  if (fresh.length === 0) return rate;
  const last = Math.max(...fresh.map(({ at }) => Date.parse(at)));
  const grown = stretch(rate, last + 1);
  for (const { type, at } of fresh) {
    const span = spanOf(rate, Date.parse(at));
    grown[type][span] = (grown[type][span] ?? 0) + 1;
  }
  return grown;
}

/** The rate up to `now` (ms), and of the last `length` ms only when that is given. */
export function upTo(rate: LiveRate, now: number, length: number | null): LiveRate {
  const whole = stretch(rate, now);
  if (length === null) return whole;
  const surplus = whole.egress.length - Math.round(length / (rate.stepSeconds * 1000));
  if (surplus <= 0) return whole;
  return {
    ...whole,
    from: new Date(Date.parse(rate.from) + surplus * rate.stepSeconds * 1000).toISOString(),
    ingress: whole.ingress.slice(surplus),
    egress: whole.egress.slice(surplus),
  };
}

/** How many messages of each type there are in it. */
export const totals = ({ ingress, egress }: MessageRate) => ({ ingress: sum(ingress), egress: sum(egress) });

/** When each span begins, in ms. */
export const timesOf = ({ from, stepSeconds, egress }: MessageRate): number[] =>
  egress.map((_, index) => Date.parse(from) + index * stepSeconds * 1000);

const sum = (counts: readonly number[]) => counts.reduce((all, each) => all + each, 0);

const spanOf = ({ from, stepSeconds }: MessageRate, at: number): number =>
  Math.floor((at - Date.parse(from)) / (stepSeconds * 1000));

function stretch(rate: LiveRate, until: number): LiveRate {
  const missing = Math.max(0, spanOf(rate, until - 1) + 1 - rate.egress.length);
  const none = Array<number>(missing).fill(0);
  return {
    ...rate,
    to: new Date(Math.max(until, Date.parse(rate.to))).toISOString(),
    ingress: [...rate.ingress, ...none],
    egress: [...rate.egress, ...none],
  };
}
