import type { PolicyLimits, PolicyUsage } from '@polyrelay/contract';

export const limitNames = ['things', 'collected', 'published', 'retentionDays'] as const;
export type LimitName = (typeof limitNames)[number];

/** Limits as they are typed: empty for none. */
export type LimitTexts = Record<LimitName, string>;

export const toTexts = (limits: PolicyLimits): LimitTexts =>
  eachLimit((name) => (limits[name] === null ? '' : String(limits[name])));

/** What was typed as the service takes it; what is no number becomes NaN, which its schema refuses. */
export const fromTexts = (texts: LimitTexts): PolicyLimits =>
  eachLimit((name) => {
    // “10,000” and “10 000” are how people write it.
    const text = texts[name].replace(/[\s,_’']/g, '');
    return text === '' ? null : Number(text);
  });

const eachLimit = <T>(of: (name: LimitName) => T): Record<LimitName, T> => ({
  things: of('things'),
  collected: of('collected'),
  published: of('published'),
  retentionDays: of('retentionDays'),
});

/** Whether messages that are kept now will be deleted. */
export const deletesMore = (before: PolicyLimits, after: PolicyLimits): boolean =>
  after.retentionDays !== null &&
  (before.retentionDays === null || after.retentionDays < before.retentionDays);

/** Of what more is used already than the limits allow. */
export const exceeded = (usage: PolicyUsage, limits: PolicyLimits): (keyof PolicyUsage)[] =>
  (['things', 'collected', 'published'] as const).filter((name) => {
    const limit = limits[name];
    return limit !== null && usage[name] > limit;
  });
