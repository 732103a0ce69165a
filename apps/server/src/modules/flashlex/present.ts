import type { FlashlexMessage, FlashlexThing, FlashlexUser, Message, Thing, User } from '@polyrelay/contract';

/** Seconds since 1970 of an ISO time. */
export const epochSeconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000);

/** When something was made, in both of FlashLex's ways. */
export const created = (iso: string): { fltimestamp: number; datecreated: string } => ({
  fltimestamp: epochSeconds(iso),
  datecreated: `${iso.slice(0, 19)}Z`,
});

/**
 * A thing without its private key: the published API gave it with every answer, even in lists. Here it leaves the
 * service in the distribution alone, where each download is counted and written down.
 */
export const presentThing = (thing: Thing): FlashlexThing => ({
  flthingspk: thing.id,
  ...created(thing.createdAt),
  fluserspk: thing.ownerId,
  thingName: thing.name,
  thingType: thing.type,
  thingDist: 'Python',
  testStatus: thing.status === 'verified' ? 'VERIFIED' : 'CREATED',
  certificateId: thing.certificateId,
  certificatePem: thing.certificate,
  keyPairPublic: thing.publicKey,
});

/** @param ownerId of the thing */
export const presentMessage = (message: Message, ownerId: string): FlashlexMessage => ({
  flmessagespk: message.id,
  flthingspk: message.thingId,
  fluserspk: ownerId,
  ...created(message.at),
  messagetype: message.type,
  payload: message.payload,
});

/** The same as a file of an archive, in which each message's values come in the places of the columns. */
export const messageFile = <Column>(
  column: Record<'id' | 'thingId' | 'epochSeconds' | 'atSecond' | 'type' | 'payload', Column>,
  ownerId: string,
): Record<keyof FlashlexMessage, Column | string> => ({
  flmessagespk: column.id,
  flthingspk: column.thingId,
  fluserspk: ownerId,
  fltimestamp: column.epochSeconds,
  datecreated: column.atSecond,
  messagetype: column.type,
  payload: column.payload,
});

export const presentUser = (user: User): FlashlexUser => ({
  fluserspk: user.id,
  ...created(user.createdAt),
  // An admin added the address, or the provider of the single sign-on vouches for it.
  emailverified: true,
  username: user.email,
});
