import { cloneElement, type ReactElement, type ReactNode, Suspense, useState } from 'react';

interface Props {
  /** The button that opens it. */
  trigger: ReactElement<{ onClick?: () => void; 'aria-haspopup'?: 'menu'; 'aria-expanded'?: boolean }>;
  /** The menu itself, a lazy component that opens at once and holds the button. */
  children: (trigger: ReactElement) => ReactNode;
}

/** A menu whose code comes when it is first opened: pages, and lists of many menus, start light. */
export function LazyMenu({ trigger, children }: Props) {
  const [isWanted, setWanted] = useState(false);
  const plain = cloneElement(trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onClick: () => setWanted(true),
  });
  return isWanted ? <Suspense fallback={plain}>{children(trigger)}</Suspense> : plain;
}
