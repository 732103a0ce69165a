import { connectwareIdOf } from './connectware-id.js';

/** The folder that the folders of all things are in. */
export const HOME = '~/';
export const FILE_TYPE = 'application/json';

/** The folder of a thing: `~/{devConnectwareId}/`. */
export const folderOf = (thingId: string): string => `${HOME}${connectwareIdOf(thingId)}/`;

/** The name of a message as a file. */
export const fileNameOf = (messageId: string): string => `${messageId}.json`;

/** A message that a thing sent as a `FileData`, without its content. @param at ISO 8601 @param size bytes */
export const fileData = (file: {
  thingId: string;
  messageId: string;
  customerId: number;
  size: number;
  at: string;
}) => ({
  id: { fdPath: folderOf(file.thingId), fdName: fileNameOf(file.messageId) },
  cstId: file.customerId,
  fdType: 'file',
  fdContentType: FILE_TYPE,
  fdSize: file.size,
  fdCreatedDate: file.at,
  fdLastModifiedDate: file.at,
});
