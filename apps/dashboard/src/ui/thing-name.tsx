import { splitName } from '../lib/split-name';

/** A thing's name; its owner's short id in front steps back. */
export function ThingName({ name }: { name: string }) {
  const { prefix, label } = splitName(name);
  return (
    <>
      {prefix && <span className="font-normal text-faint">{prefix}</span>}
      {label}
    </>
  );
}
