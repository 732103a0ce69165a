import { useQuery } from '@tanstack/react-query';
import { Download, ExternalLink, type LucideIcon } from 'lucide-react';
import { overviewQuery } from '../../lib/overview';
import { t } from '../../strings';
import { Card, PageHeader } from '../../ui/page';
import { Loaded, Skeleton } from '../../ui/states';
import { HealthCard } from './health-card';

const links: readonly { href: string; label: string; text: string; icon: LucideIcon; download?: string }[] = [
  { href: '/api/docs', label: t.about.docs, text: t.about.docsText, icon: ExternalLink },
  { href: '/api/openapi.json', label: t.about.openapi, text: t.about.openapiText, icon: ExternalLink },
  {
    href: '/api/ca.pem',
    label: t.about.ca,
    text: t.about.caText,
    icon: Download,
    download: 'polyrelay-ca.pem',
  },
  { href: '/metrics', label: t.about.metrics, text: t.about.metricsText, icon: ExternalLink },
];

/** Version and health, and where machines find what they need. */
export default function AboutPage() {
  const overview = useQuery(overviewQuery);
  return (
    <>
      <PageHeader title={t.about.title} below={t.about.text} />
      <div className="flex max-w-2xl flex-col gap-5">
        <Loaded query={overview} skeleton={<Skeleton rows={3} />}>
          {(data) => <HealthCard overview={data} />}
        </Loaded>
        <Card title={t.about.links} isFlush>
          <ul className="divide-y divide-line border-t border-line">
            {links.map(({ href, label, text, icon: Icon, download }) => (
              <li key={href}>
                <a
                  href={href}
                  {...(download ? { download } : { target: '_blank', rel: 'noreferrer' })}
                  className="flex items-center gap-3 px-4 py-3 outline-offset-[-3px] hover:bg-hover"
                >
                  <span className="min-w-0 flex-1">
                    <span className="block font-medium text-accent">{label}</span>
                    <span className="block text-sm text-soft">{text}</span>
                  </span>
                  <Icon aria-hidden className="size-4 shrink-0 text-faint" />
                </a>
              </li>
            ))}
          </ul>
        </Card>
      </div>
    </>
  );
}
