import type { TestService } from './service.js';

/** One server-sent frame. */
export interface Frame {
  id: number;
  /** `message` when it has no name. */
  event: string;
  data: { topic: string; operation: string; at: string; payload: Record<string, unknown> };
}

export interface LiveReader {
  /** All frames so far. */
  frames: Frame[];
  /** The first frame that satisfies `wanted`, also one that is there already. */
  waitFor(wanted: (frame: Frame) => boolean): Promise<Frame>;
  close(): void;
}

/** Opens the live connection as a browser does, and reads it from when it stands. */
export async function openLive(
  service: TestService,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<LiveReader> {
  const abort = new AbortController();
  const response = await service.fetch(`/api/live?${new URLSearchParams(query)}`, {
    headers,
    signal: abort.signal,
  });
  if (!response.ok || response.body === null) throw new Error(`live answered ${response.status}`);
  const frames: Frame[] = [];
  const looking = new Set<() => void>();
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    let rest = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      frames.push(...parts.flatMap(parse));
      for (const look of looking) look();
    }
  };
  void read(response.body as ReadableStream<Uint8Array>).catch(() => undefined);
  const waitFor = (wanted: (frame: Frame) => boolean): Promise<Frame> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = frames.find(wanted);
        if (found === undefined) return;
        looking.delete(look);
        resolve(found);
      };
      looking.add(look);
      look();
    });
  return { frames, waitFor, close: () => abort.abort() };
}

/** Comments and `retry:` are no frames. */
function parse(text: string): Frame[] {
  const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  const [id, data] = [field('id'), field('data')];
  if (id === undefined || data === undefined) return [];
  return [{ id: Number(id), event: field('event') ?? 'message', data: JSON.parse(data) as Frame['data'] }];
}
