import { NodeServerRequest, OAuthClient, type RuntimeName, Source } from '@polyrelay/contract';
import { z } from 'zod';
import type { Errors } from '../../../lib/form';
import type { ParamRow } from '../params/rows';
import { problemsOf, toParams } from '../params/rows';
import { type LimitValues, noLimits, toLimits } from '../runtime/limits';

export const sourceKinds = ['git', 'archive', 'folder', 'local'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** Everything the form holds. */
export interface Values extends LimitValues {
  json: string;
  sourceKind: SourceKind;
  git: string;
  ref: string;
  folder: string;
  archive: File | null;
  /** Empty: the service's default. */
  runtime: RuntimeName | '';
  controllerId: string;
  /** Empty: the lowest free one. */
  slot: string;
  hasOAuth: boolean;
  oauthUrl: string;
  clientId: string;
  clientSecret: string;
  params: ParamRow[];
  start: boolean;
}

export const emptyValues: Values = {
  json: '',
  sourceKind: 'git',
  git: '',
  ref: '',
  folder: '',
  archive: null,
  runtime: '',
  ...noLimits,
  controllerId: '',
  slot: '',
  hasOAuth: false,
  oauthUrl: '',
  clientId: '',
  clientSecret: '',
  params: [],
  start: true,
};

function parse(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function sourceOf({ sourceKind, git, ref, folder }: Values) {
  if (sourceKind === 'git') return { git: git.trim(), ...(ref.trim() ? { ref: ref.trim() } : {}) };
  if (sourceKind === 'folder') return { folder: folder.trim() };
  return undefined;
}

/** Who runs it themselves sees neither runtimes nor limits. */
function runtimeOf({ sourceKind, runtime, ...values }: Values) {
  if (sourceKind === 'local') return { runtime: 'local' };
  const limits = toLimits(values);
  return {
    ...(runtime === '' ? {} : { runtime }),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}

/** The request that the form's values mean. */
export function toRequest(values: Values): Record<string, unknown> {
  const source = sourceOf(values);
  const hasParamProblem = problemsOf(values.params).size > 0;
  const params = hasParamProblem ? {} : toParams(values.params);
  return {
    serverJson: parse(values.json),
    ...(source ? { source } : {}),
    ...runtimeOf(values),
    ...(values.controllerId ? { controllerId: values.controllerId } : {}),
    ...(values.slot ? { slot: Number(values.slot) } : {}),
    ...(values.hasOAuth
      ? {
          oauth: {
            url: values.oauthUrl.trim(),
            clientId: values.clientId.trim(),
            clientSecret: values.clientSecret,
          },
        }
      : {}),
    ...(Object.keys(params).length > 0 ? { customParams: params } : {}),
    start: values.start,
  };
}

/** The server's schema with the one kind of source that was chosen: a union would only say that none fits. */
export function schemaFor({ sourceKind, hasOAuth }: Values): z.ZodType {
  const [Git, Folder] = Source.options;
  const none = z.undefined().optional();
  const source = { git: Git, folder: Folder, archive: none, local: none }[sourceKind];
  return NodeServerRequest.extend({ source, oauth: hasOAuth ? OAuthClient : none });
}

/** What is wrong besides and the request cannot show. */
export function extraErrors(values: Values, texts: { noArchive: string; badParams: string }): Errors {
  return {
    ...(values.sourceKind === 'archive' && !values.archive ? { archive: texts.noArchive } : {}),
    ...(problemsOf(values.params).size > 0 ? { params: texts.badParams } : {}),
  };
}

const fields: readonly [RegExp, keyof Values][] = [
  [/^serverJson/, 'json'],
  [/^source\.ref/, 'ref'],
  [/^source\.folder/, 'folder'],
  [/^(source\.archive|archive)/, 'archive'],
  [/^source/, 'git'],
  [/^limits\.memoryMb/, 'memoryMb'],
  [/^limits\.processes/, 'processes'],
  [/^limits\.cpus/, 'cpus'],
  [/^oauth\.clientId/, 'clientId'],
  [/^oauth\.clientSecret/, 'clientSecret'],
  [/^oauth/, 'oauthUrl'],
  [/^(customParams|params)/, 'params'],
];

/** Which field of the form a path of the request belongs to. */
export const fieldOf = (path: string): string => fields.find(([pattern]) => pattern.test(path))?.[1] ?? path;
