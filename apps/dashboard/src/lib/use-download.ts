import { useEffect, useRef, useState } from 'react';
import { download, saveBlob } from './download';

/** Fetches a file and saves it: how many bytes are here (null while none is fetched), and a way to stop it. */
export function useDownload() {
  const [bytes, setBytes] = useState<number | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  /** @returns false when it was stopped */
  const save = async (path: string, name: string): Promise<boolean> => {
    const controller = new AbortController();
    abort.current = controller;
    setBytes(0);
    let shownAt = 0;
    try {
      const blob = await download(
        path,
        (sum) => {
          // Parts come by the hundred; a figure that changes ten times a second is enough.
          if (Date.now() - shownAt < 100) return;
          shownAt = Date.now();
          setBytes(sum);
        },
        controller.signal,
      );
      saveBlob(name, blob);
      return true;
    } catch (error) {
      if (controller.signal.aborted) return false;
      throw error;
    } finally {
      setBytes(null);
    }
  };
  return { bytes, save, cancel: () => abort.current?.abort() };
}
