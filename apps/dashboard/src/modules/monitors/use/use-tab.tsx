import type { Monitor } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { overviewQuery } from '../../../lib/overview';
import { useUser } from '../../../lib/session';
import { useNewToken } from '../../../lib/use-new-token';
import { t } from '../../../strings';
import { CommandCard, TokenBar } from '../../../ui/command-card';
import { Loaded } from '../../../ui/states';
import { commands, type Place, waysOf } from './commands';
import { SecretCard } from './secret-card';

/** Stands in examples for the signing secret that is not shown. */
const SECRET_PLACE = 'SIGNING_SECRET';

/** Commands and programs that receive what the monitor sends, with this service's address. */
export function UseTab({ monitor }: { monitor: Monitor }) {
  const overview = useQuery({ ...overviewQuery, staleTime: Number.POSITIVE_INFINITY });
  const token = useNewToken({ name: t.monitors.use.tokenName(monitor.id) });
  const { email } = useUser();
  const [isShown, setShown] = useState(false);
  const { transportType, signingSecret } = monitor;
  const isHttp = transportType === 'http' && signingSecret !== null;
  return (
    <div className="flex flex-col gap-5">
      <TokenBar token={token} text={t.monitors.use.tokenText} />
      {isHttp && <SecretCard id={monitor.id} secret={signingSecret} isShown={isShown} onShow={setShown} />}
      <Loaded query={overview}>
        {({ push }) => (
          <Ways
            monitor={monitor}
            place={{
              url: location.origin,
              ...push,
              user: email,
              secret: isHttp && isShown ? signingSecret : SECRET_PLACE,
            }}
            fill={token.fill}
          />
        )}
      </Loaded>
    </div>
  );
}

interface WaysProps {
  monitor: Monitor;
  place: Place;
  fill: (command: string) => string;
}

const Ways = ({ monitor, place, fill }: WaysProps) => (
  <section aria-labelledby="receive" className="flex flex-col gap-4">
    <h2 id="receive" className="text-lg font-semibold">
      {t.monitors.use.receive}
    </h2>
    <div className="grid items-start gap-5 lg:grid-cols-2">
      {waysOf(monitor, place).map((name) => (
        <CommandCard key={name} {...t.monitors.use.ways[name]} text={fill(commands[name](place, monitor))} />
      ))}
    </div>
  </section>
);
