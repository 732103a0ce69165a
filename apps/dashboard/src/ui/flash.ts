import { useEffect, useRef } from 'react';

/** Lights an element up once whenever the value changes; never on the first showing, never against reduced motion. */
export function useFlash<E extends HTMLElement>(value: unknown) {
  const element = useRef<E>(null);
  const before = useRef(value);
  useEffect(() => {
    if (Object.is(before.current, value)) return;
    before.current = value;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    element.current?.animate(
      [{ backgroundColor: 'var(--color-flash)' }, { backgroundColor: 'transparent' }],
      { duration: 900, easing: 'ease-out' },
    );
  }, [value]);
  return element;
}
