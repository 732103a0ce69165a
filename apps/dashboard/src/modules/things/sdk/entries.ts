import type { Distribution } from '@polyrelay/contract';

interface Entry {
  /** A file, or a folder at the top of the zip. */
  name: string;
  bytes: number;
  about: string;
  /** Files in it. */
  count: number;
}

/** The files of a download as one reads them: a folder is one line, told by the file it is started with. */
export function entries(files: Distribution['files']): Entry[] {
  const found = new Map<string, Entry>();
  for (const { name, bytes, about } of files) {
    const top = name.split('/')[0] ?? name;
    const before = found.get(top);
    if (!before) found.set(top, { name: top, bytes, about, count: 1 });
    else {
      before.bytes += bytes;
      before.count += 1;
      if (name.endsWith('/__main__.py')) before.about = about;
    }
  }
  return [...found.values()];
}
