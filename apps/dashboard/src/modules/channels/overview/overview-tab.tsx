import type { Channel } from '@polyrelay/contract';
import { ChannelFacts } from './channel-facts';
import { RateCard } from './rate-card';
import { ReadersCard } from './readers-card';

/** How much comes, who reads it, and what the channel is. */
export const OverviewTab = ({ channel }: { channel: Channel }) => (
  <div className="grid items-start gap-5 xl:grid-cols-[3fr_2fr]">
    <div className="flex min-w-0 flex-col gap-5">
      <RateCard id={channel.id} />
      <ReadersCard channel={channel} />
    </div>
    <ChannelFacts channel={channel} />
  </div>
);
