import { useRef, useState } from 'react';
import { upload } from './upload';

/** Sends forms with a file: how far it is (0 to 1, null while none is sent), and a way to stop it. */
export function useUpload() {
  const [progress, setProgress] = useState<number | null>(null);
  const abort = useRef<AbortController | null>(null);
  /** @returns null when it was stopped */
  const send = async <T>(path: string, form: FormData): Promise<T | null> => {
    const controller = new AbortController();
    abort.current = controller;
    setProgress(0);
    try {
      return await upload<T>(path, form, setProgress, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) return null;
      throw error;
    } finally {
      setProgress(null);
    }
  };
  return { progress, send, cancel: () => abort.current?.abort() };
}
