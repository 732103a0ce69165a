import type { ReactNode } from 'react';

/** Dangerous actions, apart from the rest. */
export const DangerZone = ({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children: ReactNode;
}) => (
  <section aria-labelledby="danger" className="rounded-lg border border-bad/50 bg-card p-4">
    <h2 id="danger" className="font-semibold text-bad">
      {title}
    </h2>
    <p className="mt-1 mb-3 text-soft">{text}</p>
    {children}
  </section>
);
