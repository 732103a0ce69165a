import type { Thing } from '@polyrelay/contract';
import { count } from '../../../lib/format';
import { t } from '../../../strings';
import { CopyButton, CopyId } from '../../../ui/copy';
import { codeFact, Facts } from '../../../ui/facts';
import { Fold } from '../../../ui/fold';
import { RelativeTime } from '../../../ui/time';

/** What other programs need to know of a thing, to copy. */
export function ThingFacts({ thing }: { thing: Thing }) {
  const { id, name, topics, certificateId, certificate, publicKey, keysMadeAt, collected, published } = thing;
  const pem = (label: string, text: string) => ({
    label,
    value: (
      <span className="inline-flex items-center gap-1">
        PEM
        <CopyButton text={text} what={label} />
      </span>
    ),
  });
  return (
    <Fold title={t.things.facts}>
      <div className="mt-2 rounded-lg border border-line bg-card px-4 py-1 shadow-card">
        <Facts
          columns={2}
          facts={[
            { label: t.things.id, value: <CopyId id={id} what={t.things.id} keep={36} /> },
            codeFact(t.things.mqttId, name),
            codeFact(t.things.topics.ingress, topics.ingress),
            codeFact(t.things.topics.egress, topics.egress),
            codeFact(t.things.topics.pubsub, topics.pubsub),
            {
              label: t.things.certificateId,
              value: <CopyId id={certificateId} what={t.things.certificateId} keep={24} />,
            },
            pem(t.things.certificate, certificate),
            pem(t.things.publicKey, publicKey),
            { label: t.things.keysMadeAt, value: <RelativeTime at={keysMadeAt} /> },
            {
              label: t.things.messagesEver,
              value: t.things.ever(count(collected), count(published)),
            },
          ]}
        />
      </div>
    </Fold>
  );
}
