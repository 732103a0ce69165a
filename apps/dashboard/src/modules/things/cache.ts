import type { MessageSummary, Thing, ThingSummary } from '@polyrelay/contract';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Page } from '../../lib/api';
import type { LiveEvent } from '../../lib/live-batch';
import { known, patchPages, refetchSoon } from '../../lib/patch';
import { policyQuery } from '../../lib/policy';
import { sessionQuery } from '../../lib/session';
import { countsQuery, distributionQuery, LISTS, THINGS, thingQuery } from './queries';

/** What a batch of events asks of the caches about one thing. */
interface Changes {
  fields: Partial<Thing>;
  isAdded: boolean;
  isRemoved: boolean;
  collected: number;
  published: number;
  lastSeenAt: string | null;
}

/** What moves a thing from one figure of the counts to another. */
const COUNTED = ['status', 'enabled', 'connected'] as const;
/** What changes more than the event tells: certificate, private key and what can be downloaded. */
const KEYS = ['keysMadeAt', 'privateKey', 'certificateId'] as const;

/** How long a storm of messages of unknown things is waited out before the figures are fetched. */
const UNKNOWN_OWNER_MS = 2000;

/** Brings the cached answers up to date with a batch of live events. */
export function patchCaches(events: readonly LiveEvent[], client: QueryClient): void {
  const changes = new Map<string, Changes>();
  for (const event of events) {
    const levels = event.topic.split('/');
    if (levels[0] === 'policies') refetchSoon(client, policyQuery.queryKey);
    if (levels[0] !== 'things' || levels[1] === undefined) continue;
    const of = changes.get(levels[1]) ?? nothing();
    changes.set(levels[1], of);
    if (levels.length === 2) collectThing(of, event);
    else if (levels[2] === 'messages' && levels.length === 4) collectMessage(of, event);
  }
  if (changes.size === 0) return;
  patchLists(client, changes);
  for (const [id, of] of changes) patchThing(client, id, of);
  patchFigures(client, changes);
}

const nothing = (): Changes => ({
  fields: {},
  isAdded: false,
  isRemoved: false,
  collected: 0,
  published: 0,
  lastSeenAt: null,
});

function collectThing(of: Changes, { operation, payload, at }: LiveEvent): void {
  of.isRemoved ||= operation === 'DELETION';
  of.isAdded ||= operation === 'INSERTION';
  Object.assign(of.fields, payload);
  if ('connected' in payload) of.lastSeenAt = at;
}

function collectMessage(of: Changes, { operation, payload, at }: LiveEvent): void {
  if (operation !== 'INSERTION') return;
  const { type } = payload as Partial<MessageSummary>;
  if (type === 'egress') {
    of.collected += 1;
    of.lastSeenAt = at;
  } else if (type === 'ingress') of.published += 1;
}

const has = (of: Changes, names: readonly string[]): boolean => names.some((name) => name in of.fields);

/** The thing with what changed; the same object when nothing did. */
function changed<T extends ThingSummary>(thing: T, of: Changes): T {
  const fields = known(thing, of.fields);
  const isSeen = of.lastSeenAt !== null && (thing.lastSeenAt === null || thing.lastSeenAt < of.lastSeenAt);
  if (Object.keys(fields).length === 0 && of.collected === 0 && of.published === 0 && !isSeen) return thing;
  return {
    ...thing,
    collected: thing.collected + of.collected,
    published: thing.published + of.published,
    ...(isSeen ? { lastSeenAt: of.lastSeenAt } : {}),
    ...fields,
  };
}

type Pages = InfiniteData<Page<ThingSummary>>;

function patchLists(client: QueryClient, changes: ReadonlyMap<string, Changes>): void {
  patchPages<ThingSummary>(client, LISTS, (thing) => {
    const of = changes.get(thing.id);
    if (of === undefined) return thing;
    return of.isRemoved ? null : changed(thing, of);
  });
  const all = [...changes.values()];
  if (all.some(({ isAdded }) => isAdded)) refetchSoon(client, [THINGS]);
  // An answer on its way may be older than this change, and would take it back.
  else if (client.isFetching({ queryKey: LISTS }) > 0) refetchSoon(client, LISTS);
}

function patchThing(client: QueryClient, id: string, of: Changes): void {
  const { queryKey } = thingQuery(id);
  if (of.isRemoved) {
    // Whoever still looks at it is told that it is gone.
    void client.resetQueries({ queryKey });
    return;
  }
  const isFetching = client.isFetching({ queryKey }) > 0;
  const thing = client.getQueryData(queryKey);
  if (thing) {
    const next = changed(thing, of);
    if (next !== thing) client.setQueryData(queryKey, next);
    if (isFetching || has(of, KEYS)) refetchSoon(client, queryKey);
  } else if (isFetching) refetchSoon(client, queryKey);
  if (has(of, KEYS)) refetchSoon(client, distributionQuery(id).queryKey);
}

/** Figures over all things: counted on where the events tell how far, else fetched. */
function patchFigures(client: QueryClient, changes: ReadonlyMap<string, Changes>): void {
  const all = [...changes.values()];
  const isOther = all.some(({ isAdded, isRemoved }) => isAdded || isRemoved);
  if (isOther || all.some((of) => has(of, COUNTED))) refetchSoon(client, countsQuery.queryKey);
  if (isOther || client.isFetching({ queryKey: policyQuery.queryKey }) > 0)
    refetchSoon(client, policyQuery.queryKey);
  const counted = [...changes].filter(([, of]) => of.collected + of.published > 0);
  if (counted.length === 0) return;
  const owned = counted.map(([id, of]) => ({ of, isMine: isMine(client, id) }));
  // An admin also hears of things that are not at hand, and may be somebody else's.
  if (owned.some(({ isMine }) => isMine === undefined))
    refetchSoon(client, policyQuery.queryKey, UNKNOWN_OWNER_MS);
  const mine = owned.filter(({ isMine }) => isMine);
  if (mine.length === 0) return;
  const sum = (what: 'collected' | 'published') => mine.reduce((total, { of }) => total + of[what], 0);
  client.setQueryData(
    policyQuery.queryKey,
    (policy) =>
      policy && {
        ...policy,
        usage: {
          ...policy.usage,
          collected: policy.usage.collected + sum('collected'),
          published: policy.usage.published + sum('published'),
        },
      },
  );
}

/** Whether the signed-in user owns a thing; undefined where that is not known here. */
function isMine(client: QueryClient, id: string): boolean | undefined {
  const user = client.getQueryData(sessionQuery.queryKey)?.user;
  if (user?.role !== 'admin') return true;
  const lists = client.getQueriesData<Pages>({ queryKey: LISTS });
  const thing =
    client.getQueryData(thingQuery(id).queryKey) ??
    lists
      .flatMap(([, data]) => data?.pages ?? [])
      .flatMap(({ items }) => items)
      .find((each) => each.id === id);
  return thing && thing.ownerId === user.id;
}
