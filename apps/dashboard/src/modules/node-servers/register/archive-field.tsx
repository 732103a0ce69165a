import { FileArchive } from 'lucide-react';
import { useRef } from 'react';
import { bytes } from '../../../lib/format';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { FieldMessage } from '../../../ui/field';
import { useDrop } from '../../../ui/use-drop';

/** A zip file: dropped or chosen. */
export function ArchiveField({
  file,
  onFile,
  error,
}: {
  file: File | null;
  onFile: (file: File | null) => void;
  error: string | undefined;
}) {
  const chooser = useRef<HTMLInputElement>(null);
  const drop = useDrop((files) => onFile(files[0] ?? null));
  return (
    <div className="flex flex-col gap-1.5">
      <div
        {...drop.props}
        className={cx(
          'flex flex-wrap items-center gap-3 rounded-md border border-dashed px-4 py-5',
          drop.isOver ? 'border-accent bg-accent-ground' : 'border-control',
        )}
      >
        <FileArchive aria-hidden className="size-5 text-faint" />
        <span className="min-w-0 flex-1 basis-40 break-words">
          {file ? `${file.name} · ${bytes(file.size)}` : t.register.dropZip}
        </span>
        {file && (
          <Button size="sm" kind="quiet" onClick={() => onFile(null)}>
            {t.ui.remove}
          </Button>
        )}
        <Button
          size="sm"
          onClick={() => chooser.current?.click()}
          aria-describedby={error ? 'archive-error' : undefined}
          aria-invalid={error ? true : undefined}
        >
          {t.register.chooseZip}
        </Button>
        <input
          ref={chooser}
          type="file"
          hidden
          accept=".zip,application/zip"
          aria-label={t.register.chooseZip}
          data-testid="archive-file"
          onChange={(event) => onFile(event.target.files?.[0] ?? null)}
        />
      </div>
      {error && <FieldMessage id="archive-error" text={error} />}
    </div>
  );
}
