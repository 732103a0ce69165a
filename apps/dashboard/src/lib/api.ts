import type { FieldError, Problem } from '@polyrelay/contract';
import { t } from '../strings';

/** An answer of the service that is no success: its problem details (RFC 9457), or that it did not answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: FieldError[];

  constructor(problem: Pick<Problem, 'status' | 'code' | 'detail'> & { errors?: FieldError[] | undefined }) {
    super(problem.detail);
    this.name = 'ApiError';
    this.status = problem.status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
  }
}

/** Called when the service says that nobody is signed in any more. */
let onSignedOut: () => void = () => {};

/** Sets what happens when a call finds the session ended. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

type Query = Record<string, string | number | boolean | undefined>;

/** Adds the parameters that have a value to a path. */
export function withQuery(path: string, query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) params.set(key, String(value));
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** Turns an answer's text into its value, or throws what went wrong. */
export function readAnswer(status: number, text: string): unknown {
  const body = parse(text);
  if (status >= 200 && status < 300) return body;
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
  const error = new ApiError({
    status,
    code: problem.code ?? 'unknown',
    detail: problem.detail || problem.title || t.errors.status(status),
    errors: problem.errors,
  });
  if (status === 401 && error.code === 'unauthenticated') onSignedOut();
  throw error;
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error for a call that never got an answer. */
export const unreachable = (): ApiError =>
  new ApiError({ status: 0, code: 'unreachable', detail: t.errors.unreachable });

interface Sent {
  method: string;
  /** JSON. */
  body?: string | undefined;
  signal?: AbortSignal | undefined;
}

async function exchange(
  path: string,
  { method, body, signal }: Sent,
): Promise<{ status: number; text: string }> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = body;
  }
  if (signal) init.signal = signal;
  try {
    const response = await fetch(path, init);
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw unreachable();
  }
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const sent = { method, signal, body: body === undefined ? undefined : JSON.stringify(body) };
  const { status, text } = await exchange(path, sent);
  return readAnswer(status, text) as T;
}

/** The service's REST API; answers are of the contract's types, both being built from one commit. */
export const api = {
  get: <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal),
  post: <T>(path: string, body?: unknown, signal?: AbortSignal) => call<T>('POST', path, body, signal),
  put: <T>(path: string, body: unknown) => call<T>('PUT', path, body),
  patch: <T>(path: string, body: unknown) => call<T>('PATCH', path, body),
  delete: <T = void>(path: string) => call<T>('DELETE', path),
  /** Sends JSON as it was written, with all digits of its numbers. */
  postJson: async <T>(path: string, json: string): Promise<T> => {
    const { status, text } = await exchange(path, { method: 'POST', body: json });
    return readAnswer(status, text) as T;
  },
  /** The answer's JSON as it was written. */
  getJson: async (path: string, signal?: AbortSignal): Promise<string> => {
    const { status, text } = await exchange(path, { method: 'GET', signal });
    readAnswer(status, text);
    return text;
  },
};

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Every row of a paged list, page by page. */
export async function getAll<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get<Page<T>>(withQuery(path, { limit: 500, cursor }), signal);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
