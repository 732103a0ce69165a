/**
 * The HTML elements that a notice may hold, for the service, which sanitises it, and the dashboard, which does it again:
 * words, lists and links.
 */
export const NOTICE_TAGS = [
  'a',
  'b',
  'strong',
  'i',
  'em',
  'u',
  'code',
  'pre',
  'br',
  'p',
  'ul',
  'ol',
  'li',
  'span',
  'h3',
  'h4',
] as const;
