import { Link, type LinkProps } from '@tanstack/react-router';
import { ArrowLeft, type LucideIcon } from 'lucide-react';
import { type ReactNode, Suspense } from 'react';
import { ApiError } from '../lib/api';
import { buttonClass } from './button';
import { useFlash } from './flash';
import { Bone, Empty, Failure, Skeleton } from './states';
import { type Tab, TabPanel, Tabs } from './tabs';

/** Where a detail page leads back to. */
export interface Back {
  to: NonNullable<LinkProps['to']>;
  label: string;
}

interface DetailProps<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  icon: LucideIcon;
  back: Back;
  /** What is said when there is none of that id. */
  gone: { title: string; text: string };
  children: (data: T) => ReactNode;
}

/** The page of one thing: its shape while it loads, that it is gone, what went wrong, or its content. */
export function Detail<T>({ query, icon, back, gone, children }: DetailProps<T>) {
  const { data, error } = query;
  if (data !== undefined) return children(data);
  if (error instanceof ApiError && (error.status === 404 || error.status === 400))
    return (
      <Empty
        isPage
        icon={icon}
        title={gone.title}
        action={
          <Link to={back.to} className={buttonClass('main')}>
            <ArrowLeft aria-hidden className="size-4" />
            {back.label}
          </Link>
        }
      >
        {gone.text}
      </Empty>
    );
  if (error) return <Failure error={error} onRetry={() => void query.refetch()} />;
  return (
    <div className="flex flex-col gap-5">
      <Bone className="h-8 w-64" />
      <Bone className="h-10" />
      <Skeleton rows={4} />
    </div>
  );
}

/** The way back, above the title. */
export const BackLink = ({ to, label }: Back) => (
  <Link to={to} className="inline-flex items-center gap-1 text-soft hover:text-ink">
    <ArrowLeft aria-hidden className="size-4" />
    {label}
  </Link>
);

/** The state beside the title: read out and flashed when its `word` changes. */
export function LiveState({ word, children }: { word: string; children: ReactNode }) {
  const flash = useFlash<HTMLSpanElement>(word);
  return (
    <span ref={flash} role="status" className="rounded-full">
      {children}
    </span>
  );
}

interface DetailTab<T extends string> extends Tab<T> {
  content: ReactNode;
}

/** Tabs whose contents are loaded when they are first opened. */
export function DetailTabs<T extends string>({
  label,
  tabs,
  value,
  onChange,
}: {
  label: string;
  tabs: readonly DetailTab<T>[];
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <Tabs label={label} tabs={tabs} value={value} onChange={onChange}>
      {tabs.map((tab) => (
        <TabPanel key={tab.value} value={tab.value}>
          {/* Within the panel, which its tab names from the start. */}
          <Suspense fallback={<Skeleton />}>{tab.content}</Suspense>
        </TabPanel>
      ))}
    </Tabs>
  );
}
