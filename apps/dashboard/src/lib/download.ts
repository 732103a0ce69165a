import { readAnswer, unreachable } from './api';

/** Fetches a file; `onProgress` gets the bytes so far: of what is made while it is sent, nobody knows the size. */
export async function download(
  path: string,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', signal });
  } catch (cause) {
    throw signal.aborted ? cause : unreachable();
  }
  if (!response.ok || !response.body) {
    readAnswer(response.status, await response.text());
    return new Blob();
  }
  const reader = response.body.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      bytes += part.value.length;
      onProgress(bytes);
    }
  } catch (cause) {
    throw signal.aborted ? cause : unreachable();
  }
  return new Blob(parts, { type: response.headers.get('content-type') ?? '' });
}

/** Saves what is in the page's memory as a file. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  saveLink(name, url);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Leaves a download to the browser, which writes it to the disk as it comes. */
export function saveLink(name: string, url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}
