import type { PushedEvent } from '@polyrelay/contract';
import { exact } from '../../../lib/format';
import { t } from '../../../strings';
import { CopyWideButton } from '../../../ui/copy';
import { Dialog } from '../../../ui/dialog';
import { codeFact, Facts } from '../../../ui/facts';
import { JsonView } from '../../../ui/json-view';
import { Stepper } from '../../../ui/stepper';

interface Props {
  event: PushedEvent;
  newer: PushedEvent | undefined;
  older: PushedEvent | undefined;
  onChange: (event: PushedEvent) => void;
  onClose: () => void;
}

/** One event with the payload it makes when it is sent alone. */
export function EventDialog({ event, newer, older, onChange, onClose }: Props) {
  const { topic, operation, timestamp, group, eventId, message } = event;
  const document = { Document: { Msg: message } };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t.monitors.preview.one}
      size="lg"
      footer={
        <>
          <Stepper newer={newer} older={older} onChange={onChange} />
          <CopyWideButton
            text={JSON.stringify(document, null, 2)}
            what={t.monitors.preview.payload}
            kind="main"
          />
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Facts
          columns={2}
          facts={[
            codeFact(t.monitors.preview.topic, topic),
            { label: t.monitors.preview.operation, value: operation },
            { label: t.monitors.preview.at, value: exact(Date.parse(timestamp)) },
            { label: t.monitors.preview.group, value: group },
            { label: t.monitors.preview.eventId, value: eventId },
          ]}
        />
        <h3 className="font-semibold">{t.monitors.preview.asSent}</h3>
        <JsonView
          key={`${eventId} ${topic}`}
          value={document}
          label={t.monitors.preview.payload}
          className="max-h-[45dvh]"
        />
      </div>
    </Dialog>
  );
}
