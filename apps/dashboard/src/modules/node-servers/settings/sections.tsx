import { type ReactNode, useRef } from 'react';
import { t } from '../../../strings';

interface Section {
  title: string;
  card: ReactNode;
}

/** Cards in two columns; where there is room for one only, a list above leads to each. */
export function Sections({ columns }: { columns: readonly Section[][] }) {
  const all = useRef<HTMLDivElement>(null);
  const goTo = (title: string) => () => {
    const section = all.current?.querySelector<HTMLElement>(`[data-section="${CSS.escape(title)}"]`);
    section?.focus({ preventScroll: true });
    section?.scrollIntoView();
  };
  return (
    <div ref={all}>
      <nav aria-label={t.nodeSettings.onThisPage} className="mb-5 flex flex-wrap gap-1.5 lg:hidden">
        {columns.flat().map(({ title }) => (
          <button
            key={title}
            type="button"
            onClick={goTo(title)}
            className="h-8 rounded-full border border-line bg-card px-3 text-sm text-soft hover:bg-hover hover:text-ink"
          >
            {title}
          </button>
        ))}
      </nav>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        {columns.map((sections) => (
          <div key={sections[0]?.title} className="flex min-w-0 flex-col gap-5">
            {sections.map(({ title, card }) => (
              <div
                key={title}
                data-section={title}
                tabIndex={-1}
                className="scroll-mt-17 rounded-lg outline-offset-4"
              >
                {card}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
