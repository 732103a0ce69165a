import { useState } from 'react';
import { t } from '../../../strings';
import { CodeBlock } from '../../../ui/code-block';
import { CopyButton } from '../../../ui/copy';
import { Card } from '../../../ui/page';
import { Segmented } from '../../../ui/segmented';
import { runCommands, type Sdk, sdks } from './commands';

/** What to type on the thing, for the software it is to run. */
export function CommandsCard({ filename, name }: { filename: string; name: string }) {
  const [sdk, setSdk] = useState<Sdk>('node');
  const text = runCommands(sdk, filename, name);
  return (
    <Card title={t.things.runIt} actions={<CopyButton text={text} what={t.things.commands} />}>
      <Segmented
        label={t.things.runIt}
        choices={sdks.map((value) => ({ value, label: t.things.sdks[value] }))}
        value={sdk}
        onChange={setSdk}
        className="w-fit"
      />
      <p className="my-3 text-soft">{t.things.sdkTexts[sdk]}</p>
      <CodeBlock label={t.things.commands} text={text} />
    </Card>
  );
}
