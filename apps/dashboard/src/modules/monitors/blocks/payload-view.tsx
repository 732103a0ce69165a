import { useMemo, useState } from 'react';
import { t } from '../../../strings';
import { CodeBlock } from '../../../ui/code-block';
import { JsonView } from '../../../ui/json-view';
import { Segmented } from '../../../ui/segmented';
import { prettyXml } from './pretty-xml';

const wrapped = 'max-h-[45dvh] [&>pre]:wrap-anywhere [&>pre]:whitespace-pre-wrap';

/** A payload as it was sent, or set so that it can be read: JSON, XML, or what a template made. */
export function PayloadView({ payload }: { payload: string }) {
  const [view, setView] = useState<'pretty' | 'raw'>('pretty');
  const json = useMemo(() => parsed(payload), [payload]);
  const isXml = json === undefined && payload.trimStart().startsWith('<');
  const canBePretty = json !== undefined || isXml;
  const { blocks } = t.monitors;
  return (
    <div className="flex flex-col gap-2">
      {canBePretty && (
        <Segmented
          label={blocks.view}
          value={view}
          onChange={setView}
          choices={[
            { value: 'pretty', label: blocks.pretty },
            { value: 'raw', label: blocks.raw },
          ]}
          className="w-fit"
        />
      )}
      {view === 'pretty' && json !== undefined ? (
        <JsonView value={json.value} label={blocks.payload} className="max-h-[45dvh]" />
      ) : (
        <CodeBlock
          label={blocks.payload}
          text={view === 'pretty' && isXml ? prettyXml(payload) : payload}
          className={wrapped}
        />
      )}
    </div>
  );
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
