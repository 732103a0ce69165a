import { FileArchive, Folder, GitBranch, Laptop } from 'lucide-react';
import { useRef } from 'react';
import { bytes } from '../../../lib/format';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { type ChoiceCard, ChoiceCards } from '../../../ui/choice-cards';
import { cx } from '../../../ui/cx';
import { FieldMessage } from '../../../ui/field';
import { TextField } from '../../../ui/input';
import { Card } from '../../../ui/page';
import { useDrop } from '../../../ui/use-drop';
import type { Register } from './use-register';
import type { SourceKind } from './values';

const choices: readonly ChoiceCard<SourceKind>[] = [
  { value: 'git', label: t.register.git, hint: t.register.gitHint, icon: GitBranch },
  { value: 'archive', label: t.register.archive, hint: t.register.archiveHint, icon: FileArchive },
  { value: 'folder', label: t.register.folder, hint: t.register.folderHint, icon: Folder },
  { value: 'local', label: t.register.local, hint: t.register.localHint, icon: Laptop },
];

/** Where the program comes from, or that the user runs it. */
export function SourceStep({ register: { values, set, field } }: { register: Register }) {
  return (
    <Card title={t.register.sourceTitle}>
      <div className="flex flex-col gap-4">
        <ChoiceCards
          legend={t.register.sourceLegend}
          choices={choices}
          value={values.sourceKind}
          onChange={(kind) => set('sourceKind', kind)}
        />
        {values.sourceKind === 'git' && (
          <div className="grid gap-3 sm:grid-cols-[2fr_1fr]">
            <TextField
              label={t.register.gitUrl}
              type="url"
              placeholder="https://…/node-server.git"
              value={values.git}
              onChange={(git) => set('git', git)}
              {...field('git')}
            />
            <TextField
              label={t.register.ref}
              isOptional
              placeholder="main"
              value={values.ref}
              onChange={(ref) => set('ref', ref)}
              {...field('ref')}
            />
          </div>
        )}
        {values.sourceKind === 'folder' && (
          <TextField
            label={t.register.folderPath}
            hint={t.register.folderPathHint}
            isMono
            placeholder="/home/me/my-node-server"
            value={values.folder}
            onChange={(folder) => set('folder', folder)}
            {...field('folder')}
          />
        )}
        {values.sourceKind === 'archive' && (
          <ArchiveField
            file={values.archive}
            onFile={(file) => set('archive', file)}
            error={field('archive').error}
          />
        )}
        {values.sourceKind === 'local' && (
          <p className="rounded-md bg-accent-ground px-3 py-2.5">{t.register.localText}</p>
        )}
      </div>
    </Card>
  );
}

function ArchiveField({
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
