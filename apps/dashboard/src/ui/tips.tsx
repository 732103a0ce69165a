import { useEffect, useState } from 'react';
import { createPortal } from 'react-dom';

interface Tip {
  text: string;
  x: number;
  y: number;
  isBelow: boolean;
}

const ID = 'tip';
const DELAY_MS = 350;

/**
 * The one tip of the page, for everything with `data-tip`: on hover after a moment, on focus at once,
 * gone with Escape (WCAG 1.4.13). One element for all, so that a list of a thousand times stays light.
 */
export function Tips() {
  const [tip, setTip] = useState<Tip | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let shownAt: Element | null = null;
    const hide = () => {
      clearTimeout(timer);
      shownAt?.removeAttribute('aria-describedby');
      shownAt = null;
      setTip(null);
    };
    const show = (target: Element) => {
      const text = target.getAttribute('data-tip');
      if (!text || !target.isConnected) return;
      const box = target.getBoundingClientRect();
      const isBelow = box.top < 56;
      const half = Math.min(150, text.length * 3.6 + 12);
      const x = Math.min(Math.max(box.left + box.width / 2, half + 4), window.innerWidth - half - 4);
      if (target.getAttribute('aria-label') !== text && !target.hasAttribute('aria-describedby')) {
        target.setAttribute('aria-describedby', ID);
        shownAt = target;
      }
      setTip({ text, x, y: isBelow ? box.bottom + 6 : box.top - 6, isBelow });
    };
    const find = (event: Event) =>
      event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    const onOver = (event: PointerEvent) => {
      if (event.pointerType === 'touch') return;
      const target = find(event);
      hide();
      if (target) timer = setTimeout(() => show(target), DELAY_MS);
    };
    const onFocus = (event: FocusEvent) => {
      const target = find(event);
      hide();
      if (target?.matches(':focus-visible')) show(target);
    };
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && hide();
    const listen: [keyof DocumentEventMap, EventListener][] = [
      ['pointerover', onOver as EventListener],
      ['focusin', onFocus as EventListener],
      ['focusout', hide],
      ['pointerdown', hide],
      ['keydown', onKey as EventListener],
      ['scroll', hide],
    ];
    for (const [name, listener] of listen) document.addEventListener(name, listener, true);
    return () => {
      hide();
      for (const [name, listener] of listen) document.removeEventListener(name, listener, true);
    };
  }, []);

  if (!tip) return null;
  // Within the page's main part, so that it belongs to a landmark.
  return createPortal(
    <div
      id={ID}
      role="tooltip"
      style={{ left: tip.x, top: tip.y, transform: `translate(-50%, ${tip.isBelow ? '0' : '-100%'})` }}
      className="pointer-events-none fixed z-[60] max-w-[300px] rounded-md bg-ink px-2 py-1 text-xs text-page shadow-float"
    >
      {tip.text}
    </div>,
    document.getElementById('main') ?? document.body,
  );
}
