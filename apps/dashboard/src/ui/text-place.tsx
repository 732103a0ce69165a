/** A text with the place from which on it makes no sense; said in words elsewhere. */
export const TextPlace = ({ text, position }: { text: string; position: number }) => (
  <code aria-hidden className="block overflow-x-auto font-mono whitespace-pre text-soft">
    {text.slice(0, position)}
    <mark className="rounded-sm bg-bad-ground text-bad underline decoration-wavy underline-offset-4">
      {text.slice(position) || '\u00a0'}
    </mark>
  </code>
);
