import type { NodeServerSummary } from '@polyrelay/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { t } from '../../strings';
import { listQuery } from './queries';
import { stateOrder } from './state';
import { StateBadge } from './state-badge';

const MOST = 6;

/** The node servers in short, on the overview. */
export default function OverviewCard() {
  const { data } = useQuery(listQuery);
  if (!data || data.length === 0) return null;
  const first = [...data]
    .sort((a, b) => stateOrder[a.state] - stateOrder[b.state] || a.name.localeCompare(b.name))
    .slice(0, MOST);
  return (
    <section aria-labelledby="node-servers">
      <div className="mb-2 flex items-center justify-between gap-3">
        <h2 id="node-servers" className="text-lg font-semibold">
          {t.nodeServers.title}
        </h2>
        <Link to="/node-servers" className="text-sm font-medium text-accent hover:underline">
          {t.nodeServers.all(data.length)}
        </Link>
      </div>
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {first.map((server) => (
          <Tile key={server.id} server={server} />
        ))}
      </ul>
    </section>
  );
}

function Tile({ server }: { server: NodeServerSummary }) {
  return (
    <li className="relative min-w-0 rounded-lg border border-line bg-card p-3.5 shadow-card hover:border-edge">
      <div className="flex items-center justify-between gap-3">
        <Link
          to="/node-servers/$id"
          params={{ id: server.id }}
          className="min-w-0 truncate font-medium after:absolute after:inset-0 after:rounded-lg"
        >
          {server.name}
        </Link>
        <StateBadge state={server.state} reason={server.stateReason} />
      </div>
      <p className="mt-1 text-sm text-faint">
        {[t.nodes.count(server.nodeCount), server.version && t.nodeServers.version(server.version)]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </li>
  );
}
