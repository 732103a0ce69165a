import type { Monitor } from '@polyrelay/contract';
import { Link } from '@tanstack/react-router';
import { duration, stepTime } from '../../../lib/format';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { buttonClass } from '../../../ui/button';
import type { TestState } from './use-test';

/** What became of the test that was sent: waits, arrived or failed. */
export function TestBanner({ monitor, test }: { monitor: Monitor; test: TestState }) {
  const { sent, block } = test;
  if (sent === null) return null;
  const text = t.monitors.test;
  if (!block || block.state === 'sent')
    return (
      <div role="status">
        <Banner tone="info" title={text.sending} onClose={test.forget}>
          {waitWords(monitor)}
        </Banner>
      </div>
    );
  const { seq, state, error, deliveredAt } = block;
  const isThere = state === 'delivered';
  return (
    <div role="status">
      <Banner
        tone={isThere ? 'info' : 'bad'}
        title={isThere ? text.arrived : text.failed}
        onClose={test.forget}
        actions={
          <Link
            to="/monitors/$id"
            params={{ id: String(monitor.id) }}
            search={{ tab: 'blocks', block: seq }}
            className={buttonClass('plain', 'sm')}
          >
            {text.seeBlock}
          </Link>
        }
      >
        {isThere
          ? text.arrivedText(seq, stepTime(Math.max(0, Date.parse(deliveredAt ?? block.sentAt) - sent.at)))
          : error}
      </Banner>
    </div>
  );
}

/** What a test waits for. */
function waitWords({ transportType, status, batchSize, batchDuration }: Monitor): string {
  if (transportType === 'polling') return t.monitors.test.polling;
  if (status === 'SUSPENDED') return t.monitors.test.nobody;
  if (status === 'INACTIVE') return t.monitors.test.lost;
  return t.monitors.test.waiting(batchSize === 1 ? duration(1) : duration(Math.max(1, batchDuration)));
}
