import type { PushedEvent } from '@polyrelay/contract';
import { exact } from '../../../lib/format';
import { t } from '../../../strings';
import { CodeBlock } from '../../../ui/code-block';
import { CopyWideButton } from '../../../ui/copy';
import { Dialog } from '../../../ui/dialog';
import { codeFact, Facts } from '../../../ui/facts';
import { JsonView } from '../../../ui/json-view';
import { Stepper } from '../../../ui/stepper';
import { prettyXml } from '../blocks/pretty-xml';
import type { ShownAs } from './format';

interface Props {
  shownAs: ShownAs;
  event: PushedEvent;
  newer: PushedEvent | undefined;
  older: PushedEvent | undefined;
  onChange: (event: PushedEvent) => void;
  onClose: () => void;
}

/** One event with the payload it makes when it is sent alone. */
export function EventDialog({ shownAs, event, newer, older, onChange, onClose }: Props) {
  const { topic, operation, timestamp, group, eventId, message, xml } = event;
  const document = { Document: { Msg: message } };
  const isXml = shownAs.formatType === 'xml' && xml !== undefined;
  const text = isXml ? prettyXml(xml) : JSON.stringify(document, null, 2);
  const { preview } = t.monitors;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={preview.one}
      size="lg"
      footer={
        <>
          <Stepper newer={newer} older={older} onChange={onChange} />
          <CopyWideButton text={text} what={preview.payload} kind="main" />
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Facts
          columns={2}
          facts={[
            codeFact(preview.topic, topic),
            { label: preview.operation, value: operation },
            { label: preview.at, value: exact(Date.parse(timestamp)) },
            { label: preview.group, value: group },
            { label: preview.eventId, value: eventId },
          ]}
        />
        <h3 className="font-semibold">{shownAs.hasTemplate ? preview.forTemplate : preview.asSent}</h3>
        {isXml ? (
          <CodeBlock
            label={preview.payload}
            text={text}
            className="max-h-[45dvh] [&>pre]:wrap-anywhere [&>pre]:whitespace-pre-wrap"
          />
        ) : (
          <JsonView
            key={`${eventId} ${topic}`}
            value={document}
            label={preview.payload}
            className="max-h-[45dvh]"
          />
        )}
      </div>
    </Dialog>
  );
}
