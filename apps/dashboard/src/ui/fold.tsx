import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';

interface Props {
  title: string;
  children: ReactNode;
  /** Something inside has to be seen: unfolds, and stays so. */
  isNeeded?: boolean;
}

/** Something that few need, folded away under its title. */
export function Fold({ title, children, isNeeded = false }: Props) {
  const [isOpen, setOpen] = useState(isNeeded);
  useEffect(() => {
    if (isNeeded) setOpen(true);
  }, [isNeeded]);
  return (
    <details className="group" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex w-fit list-none items-center gap-1 rounded-sm text-sm font-semibold text-soft hover:text-ink">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        {title}
      </summary>
      {children}
    </details>
  );
}
