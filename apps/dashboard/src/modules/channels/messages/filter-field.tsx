import { Filter, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../../../strings';
import { Button, IconButton } from '../../../ui/button';
import { Fold } from '../../../ui/fold';
import { TextField } from '../../../ui/input';
import { TextPlace } from '../../../ui/text-place';
import { useExpression } from './use-expression';

/** What is typed is applied after this. */
const TYPING_MS = 300;
/** As many characters as the service takes. */
const MOST = 1000;

interface Props {
  filter: string;
  onChange: (filter: string) => void;
}

/** Which messages are shown: an expression, judged as one types and applied once it can be understood. */
export function FilterField({ filter, onChange }: Props) {
  const [typed, setTyped] = useState(filter);
  const verdict = useExpression(typed);
  useEffect(() => setTyped(filter), [filter]);
  const canApply = verdict.kind !== 'bad' && typed !== filter;
  useEffect(() => {
    if (!canApply) return;
    const timer = setTimeout(() => onChange(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className="flex min-w-0 flex-1 basis-80 flex-col gap-1.5">
      <div className="relative">
        <TextField
          label={t.channels.filter.label}
          hint={verdict.kind === 'bad' ? <TextPlace text={typed} position={verdict.position} /> : undefined}
          error={verdict.kind === 'bad' ? verdict.message : undefined}
          isMono
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={MOST}
          placeholder={t.channels.filter.placeholder}
          value={typed}
          onChange={setTyped}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && typed !== '') onChange('');
            if (event.key === 'Enter' && canApply) onChange(typed.trim());
          }}
          className="pr-9"
        />
        {typed !== '' && (
          <IconButton
            icon={X}
            size="sm"
            label={t.channels.filter.clear}
            onClick={() => {
              setTyped('');
              onChange('');
            }}
            className="absolute top-7.5 right-1"
          />
        )}
      </div>
      <Fold title={t.channels.filter.examples}>
        <ul className="mt-2 flex flex-col gap-1.5">
          {t.channels.filter.exampleList.map(({ text, about }) => (
            <li key={text} className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-soft">
              <Button
                size="sm"
                icon={Filter}
                onClick={() => onChange(text)}
                className="max-w-full font-mono whitespace-normal! max-sm:h-auto max-sm:py-1"
              >
                {text}
              </Button>
              {about}
            </li>
          ))}
        </ul>
        <p className="mt-2 max-w-2xl text-sm text-faint">{t.channels.filter.grammar}</p>
      </Fold>
    </div>
  );
}
