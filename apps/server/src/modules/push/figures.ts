import type { Metrics } from '#core/metrics.js';

/** Why a connection was refused before it had a session. */
export type RefusalReason =
  | 'tooMany'
  | 'timeout'
  | 'malformed'
  | 'version'
  | 'credentials'
  | 'guesses'
  | 'rights'
  | 'monitor'
  | 'failure';

export type PushFigures = ReturnType<typeof pushFigures>;

/** What is counted of push connections. */
export function pushFigures(metrics: Metrics, sessions: () => number, strangers: () => number) {
  metrics.gauge('polyrelay_push_sessions', 'Sessions of push monitors over TCP', sessions);
  metrics.gauge('polyrelay_push_strangers', 'Push connections that have not signed in', strangers);
  const counter = (name: string, help: string, labels: string[] = []) =>
    metrics.counter(`polyrelay_push_${name}_total`, help, labels);
  return {
    frames: metrics.tally('polyrelay_push_frames_total', 'Blocks of push monitors written to TCP sessions'),
    bytes: metrics.tally('polyrelay_push_bytes_total', 'Bytes of those frames'),
    refusals: counter('refusals', 'Push connections that were refused, by reason', ['reason']),
    /** `delivered`; `failed`: another status than 200; `unknown`: of a block that is not out. */
    acknowledgements: counter('acknowledgements', 'Acknowledgements of blocks, by what they told', [
      'outcome',
    ]),
  };
}
