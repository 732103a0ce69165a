import { useFlash } from '../../../ui/flash';

/** A value that lights up once when it changes. */
export function Value({ text, changedAt }: { text: string; changedAt: string }) {
  const flash = useFlash<HTMLSpanElement>(`${text} ${changedAt}`);
  return (
    <span ref={flash} className="-mx-1 rounded-sm px-1">
      {text}
    </span>
  );
}
