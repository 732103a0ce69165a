import type { FieldError } from '@polyrelay/contract';
import { CircleCheck, FileUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { FieldMessage } from '../../../ui/field';
import { TextArea } from '../../../ui/input';
import { Card } from '../../../ui/page';
import { useDrop } from '../../../ui/use-drop';
import { FromUrl } from './from-url';
import type { Reading } from './read-json';
import type { Register } from './use-register';

const MAX_BYTES = 1024 * 1024;

/** The server.json: typed, dropped, chosen or fetched; judged as one types. */
export function JsonStep({
  register,
  reading,
  onText,
}: {
  register: Register;
  reading: Reading;
  onText: (text: string) => void;
}) {
  const { values, field } = register;
  const chooser = useRef<HTMLInputElement>(null);
  const [fileError, setFileError] = useState<string | null>(null);
  const take = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > MAX_BYTES) return setFileError(t.register.tooBig);
    setFileError(null);
    onText(await file.text());
  };
  const drop = useDrop((files) => void take(files[0]));
  const problems = reading.kind === 'broken' || reading.kind === 'wrong' ? reading.problems : [];
  const { error, ...rest } = field('json');
  return (
    <Card
      title={t.register.jsonTitle}
      actions={
        <Button size="sm" icon={FileUp} onClick={() => chooser.current?.click()}>
          {t.register.choose}
        </Button>
      }
    >
      <div
        {...drop.props}
        className={cx(
          'flex flex-col gap-3 rounded-md',
          drop.isOver && 'outline-2 outline-offset-4 outline-accent outline-dashed',
        )}
      >
        <input
          ref={chooser}
          type="file"
          hidden
          accept=".json,application/json"
          aria-label={t.register.choose}
          data-testid="server-json-file"
          onChange={(event) => void take(event.target.files?.[0])}
        />
        <FromUrl onText={onText} />
        <TextArea
          {...rest}
          label={t.register.json}
          hint={t.register.jsonHint}
          error={reading.kind === 'empty' ? error && t.register.jsonMissing : undefined}
          aria-describedby={problems.length > 0 ? 'json-problems' : undefined}
          aria-invalid={problems.length > 0 ? true : undefined}
          rows={12}
          placeholder={'{\n  "name": "…",\n  "type": "python3",\n  "executable": "….py"\n}'}
          value={values.json}
          onChange={onText}
        />
        {fileError && <FieldMessage text={fileError} />}
        <Verdict reading={reading} problems={problems} />
      </div>
    </Card>
  );
}

function Verdict({ reading, problems }: { reading: Reading; problems: readonly FieldError[] }) {
  return (
    <div role="status" className="empty:-mt-3">
      {reading.kind === 'valid' && (
        <p className="flex items-center gap-1.5 text-sm font-medium text-good">
          <CircleCheck aria-hidden className="size-4" />
          {t.register.valid}
        </p>
      )}
      {problems.length > 0 && (
        <div className="rounded-md border border-bad/40 bg-bad-ground px-3 py-2.5">
          <p className="text-sm font-semibold text-bad">{t.register.problems(problems.length)}</p>
          <ul id="json-problems" className="mt-1 flex flex-col gap-1 text-sm">
            {problems.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                {path && (
                  <code className="mr-1.5 rounded-sm bg-card px-1 py-px font-mono text-xs font-medium">
                    {path}
                  </code>
                )}
                {message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
