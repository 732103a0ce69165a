import type { Monitor } from '@polyrelay/contract';
import { bytes, duration } from '../../../lib/format';
import { t } from '../../../strings';
import { codeFact, type Fact, Facts } from '../../../ui/facts';
import { Card } from '../../../ui/page';
import { RelativeTime } from '../../../ui/time';
import { nameOf } from '../status';

/** What a monitor is, to read and to copy. */
export function MonitorFacts({ monitor }: { monitor: Monitor }) {
  const { facts } = t.monitors;
  return (
    <Card title={facts.title}>
      <Facts
        facts={[
          codeFact(facts.id, String(monitor.id)),
          codeFact(facts.topic, monitor.topic),
          ...(monitor.description.trim() === '' || nameOf(monitor) === monitor.description.trim()
            ? []
            : [
                {
                  label: facts.description,
                  value: <span className="whitespace-pre-wrap">{monitor.description}</span>,
                },
              ]),
          codeFact(facts.customerId, String(monitor.customerId)),
          { label: facts.transport, value: t.monitors.transports[monitor.transportType] },
          ...byTransport(monitor),
          { label: facts.format, value: formatWords(monitor) },
          { label: facts.replay, value: replayWords(monitor) },
          ...sent(monitor),
          { label: facts.created, value: <RelativeTime at={monitor.createdAt} /> },
        ]}
      />
    </Card>
  );
}

function sent({ transportType, lastConnect, lastSent, sentEvents, sentBlocks, sentBytes }: Monitor): Fact[] {
  const { facts } = t.monitors;
  if (transportType === 'polling') return [];
  return [
    { label: facts.lastConnect, value: <RelativeTime at={lastConnect} /> },
    { label: facts.lastSent, value: <RelativeTime at={lastSent} otherwise={t.monitors.neverSent} /> },
    { label: facts.sent, value: facts.sentOf(sentEvents, sentBlocks, bytes(sentBytes)) },
  ];
}

function byTransport(monitor: Monitor): Fact[] {
  const { facts } = t.monitors;
  const { transportType, batchSize, batchDuration, peer, ackOption } = monitor;
  if (transportType === 'polling') return [];
  const batch = {
    label: facts.batch,
    value:
      batchDuration === 0 ? facts.batchAtOnce(batchSize) : facts.batchOf(batchSize, duration(batchDuration)),
  };
  if (transportType === 'http')
    return [codeFact(facts.url, `${monitor.transportMethod} ${monitor.transportUrl}`), batch];
  return [
    peer === null
      ? { label: facts.peer, value: <span className="text-faint">{facts.nobody}</span> }
      : codeFact(facts.peer, peer),
    batch,
    { label: facts.acknowledged, value: facts.acknowledgements[ackOption] },
  ];
}

const formatWords = ({ formatType, compression, schemaType }: Monitor): string =>
  `${t.monitors.facts.formats[formatType]}${schemaType === null ? '' : t.monitors.facts.template}${
    compression === 'zlib' ? t.monitors.facts.compressed : ''
  }`;

function replayWords({ transportType, ackOption, autoReplayOnConnect }: Monitor): string {
  const { replays } = t.monitors.facts;
  if (transportType === 'polling') return replays.polling;
  const isKept = transportType === 'http' || ackOption === 'explicit' || autoReplayOnConnect;
  return isKept ? replays.kept : replays.lost;
}
