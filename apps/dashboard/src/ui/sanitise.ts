import { NOTICE_TAGS } from '@polyrelay/contract';
import DOMPurify, { type Config } from 'dompurify';

const config: Config & { RETURN_TRUSTED_TYPE?: false } = {
  ALLOWED_TAGS: [...NOTICE_TAGS],
  ALLOWED_ATTR: ['href', 'title'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|\/(?!\/))/i,
};

/** Whether a link stays within the service (the sign-in links do). */
const isOwn = (href: string): boolean => new URL(href, location.href).origin === location.origin;

/**
 * HTML that a node server wrote, made harmless: words, lists and http(s) links alone. The service
 * sanitises it too; this is the second wall. Links to elsewhere open a new tab that knows nothing of us.
 */
export function sanitise(html: string): string {
  const fragment = DOMPurify.sanitize(html, { ...config, RETURN_DOM_FRAGMENT: true });
  for (const link of fragment.querySelectorAll('a')) {
    const href = link.getAttribute('href');
    if (!href || isOwn(href)) continue;
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
  }
  const box = document.createElement('div');
  box.append(fragment);
  return box.innerHTML;
}
