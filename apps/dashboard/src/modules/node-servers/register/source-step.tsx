import { FileArchive, Folder, GitBranch, Laptop } from 'lucide-react';
import { t } from '../../../strings';
import { type ChoiceCard, ChoiceCards } from '../../../ui/choice-cards';
import { TextField } from '../../../ui/input';
import { Card } from '../../../ui/page';
import { ArchiveField } from './archive-field';
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
