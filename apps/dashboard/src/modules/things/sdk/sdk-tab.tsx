import type { Thing } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { t } from '../../../strings';
import { Banner } from '../../../ui/banner';
import { Bone, Loaded } from '../../../ui/states';
import { distributionQuery } from '../queries';
import { CommandsCard } from './commands-card';
import { CurlCard } from './curl-card';
import { DownloadCard } from './download-card';

/** What the thing runs: to download here or on the thing, and how to start it. */
export function SdkTab({ thing }: { thing: Thing }) {
  const distribution = useQuery(distributionQuery(thing.id));
  return (
    <Loaded
      query={distribution}
      skeleton={
        <div className="grid gap-5 lg:grid-cols-2">
          <Bone className="h-72" />
          <Bone className="h-72" />
        </div>
      }
    >
      {(data) => (
        <div className="grid items-start gap-5 lg:grid-cols-2">
          {data.warnings.length > 0 && (
            <div className="lg:col-span-2">
              <Banner tone="warn" title={t.things.unreachable}>
                {data.warnings.map((text) => (
                  <p key={text}>{text}</p>
                ))}
              </Banner>
            </div>
          )}
          <DownloadCard thing={thing} distribution={data} />
          <div className="flex min-w-0 flex-col gap-5">
            <CurlCard thing={thing} curl={data.curl} />
            <CommandsCard filename={data.filename} name={thing.name} />
          </div>
        </div>
      )}
    </Loaded>
  );
}
