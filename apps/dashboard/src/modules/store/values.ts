import type { StoreItem } from '@polyrelay/contract';

/** Everything the install form holds. */
export interface Values {
  controllerId: string;
  /** Empty: the lowest free one. */
  slot: string;
  /** Empty: the entry's, with a number for further copies. */
  name: string;
  hasOAuth: boolean;
  oauthUrl: string;
  clientId: string;
  clientSecret: string;
  development: boolean;
  start: boolean;
}

/** What the form of an entry begins with. */
export const valuesFor = ({ oauth }: Pick<StoreItem, 'oauth'>): Values => ({
  controllerId: '',
  slot: '',
  name: '',
  hasOAuth: oauth !== undefined,
  oauthUrl: oauth?.url ?? '',
  clientId: '',
  clientSecret: '',
  development: false,
  start: true,
});

/** The request that the form's values mean. */
export function toRequest(values: Values): Record<string, unknown> {
  const { controllerId, slot, name, development, start, hasOAuth } = values;
  return {
    ...(controllerId === '' ? {} : { controllerId }),
    ...(slot === '' ? {} : { slot: Number(slot) }),
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(hasOAuth
      ? {
          oauth: {
            url: values.oauthUrl.trim(),
            clientId: values.clientId.trim(),
            clientSecret: values.clientSecret,
          },
        }
      : {}),
    ...(development ? { development } : { start }),
  };
}

const fields: Record<string, string> = {
  'oauth.url': 'oauthUrl',
  'oauth.clientId': 'clientId',
  'oauth.clientSecret': 'clientSecret',
};

/** Where an error of the request belongs in the form. */
export const fieldOf = (path: string): string => fields[path] ?? path;
