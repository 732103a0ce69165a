/** Largest profile file that is read; published ones stay below 100 KiB. */
export const MAX_FILE_BYTES = 1_048_576;

export const TOO_LARGE = 'the file is larger than 1 MiB';

/**
 * The text of a profile file, without byte order mark and with `\n` line ends; undefined if it is larger
 * than {@link MAX_FILE_BYTES}. Bytes that are no UTF-8 are taken as Windows-1252: older NLS files write
 * `°` as one byte.
 */
export function readText(content: string | Uint8Array): string | undefined {
  // A string of n characters has at least n bytes, so this refuses nothing that fits.
  const size = typeof content === 'string' ? content.length : content.byteLength;
  if (size > MAX_FILE_BYTES) return undefined;
  const text = typeof content === 'string' ? content : decode(content);
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
