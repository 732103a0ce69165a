import { NOTICE_TAGS, type Notice } from '@polyrelay/contract';
import sanitizeHtml from 'sanitize-html';

/** What a notice may look like: text, and links that leave safely. Everything else is the dashboard's business. */
const ALLOWED: sanitizeHtml.IOptions = {
  allowedTags: [...NOTICE_TAGS],
  allowedAttributes: { a: ['href', 'rel', 'target'] },
  allowedSchemes: ['http', 'https'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
};

/** A longer notice is cut: it would hide the page. */
const MAX_HTML = 20_000;

/** A link written as plain text. */
const BARE_LINK = /https?:\/\/[^\s<>"']+/g;

/** Whose notice it is: its worker id is what makes a link a sign-in link. */
interface Owner {
  id: string;
  worker: string;
}

/** Whether a link asks a provider to call back for this worker (PGC section 6): its `state` is the worker id. */
export const isSignInLink = (href: string, worker: string): boolean =>
  URL.canParse(href) &&
  /^https?:$/.test(new URL(href).protocol) &&
  new URL(href).searchParams.get('state') === worker;

/** Path that a sign-in link becomes on the dashboard. */
export const signInPath = (nodeServerId: string, key: string): string =>
  `/api/oauth/start?nodeServer=${nodeServerId}&notice=${encodeURIComponent(key)}`;

const htmlOf = (content: unknown): string =>
  (typeof content === 'string' ? content : JSON.stringify(content)).slice(0, MAX_HTML);

/** The provider link inside a notice, as the worker wrote it. */
export function findSignInLink(content: unknown, worker: string): string | undefined {
  const html = htmlOf(content);
  const links: string[] = [];
  sanitizeHtml(html, {
    ...ALLOWED,
    transformTags: {
      a: (tagName, attribs) => {
        if (attribs.href !== undefined) links.push(attribs.href.trim());
        return { tagName, attribs };
      },
    },
  });
  const bare = plainText(html).match(BARE_LINK) ?? [];
  return [...links, ...bare].find((href) => isSignInLink(href, worker));
}

/** A notice as the dashboard shows it: safe HTML whose sign-in link goes through the service. */
export function presentNotice(owner: Owner, key: string, content: unknown, raisedAt: Date): Notice {
  const html = htmlOf(content);
  const link = findSignInLink(content, owner.worker);
  const path = signInPath(owner.id, key);
  const safe = sanitizeHtml(html, {
    ...ALLOWED,
    transformTags: {
      a: (tagName, { href }) => {
        if (href !== undefined && isSignInLink(href.trim(), owner.worker))
          return { tagName, attribs: { href: path } };
        return {
          tagName,
          attribs: { ...(href === undefined ? {} : { href }), rel: 'noopener noreferrer', target: '_blank' },
        };
      },
    },
  });
  const signInUrl = link === undefined ? null : path;
  // A link that was plain text becomes one that can be clicked.
  const shown =
    link !== undefined && !safe.includes(path.replace('&', '&amp;'))
      ? linkBare(safe, owner.worker, path)
      : safe;
  return {
    key,
    html: shown,
    text: plainText(html),
    signInUrl,
    provider: link === undefined ? null : new URL(link).host,
    raisedAt: raisedAt.toISOString(),
  };
}

/**
 * A notice for programs of its owner: plain text. Of links only the page is left, for what follows it may open
 * something; and the worker id is left out, with which an account is linked.
 */
export const publicText = (content: unknown, worker: string): string =>
  plainText(htmlOf(content))
    .replace(BARE_LINK, (href) => {
      if (!URL.canParse(href)) return '';
      const { origin, pathname } = new URL(href);
      return origin + pathname;
    })
    .replaceAll(worker, '…');

const linkBare = (html: string, worker: string, path: string): string =>
  html.replace(BARE_LINK, (match) => {
    const href = match.replaceAll('&amp;', '&');
    return isSignInLink(href, worker)
      ? `<a href="${path.replace('&', '&amp;')}">${new URL(href).host}</a>`
      : match;
  });

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

const plainText = (html: string): string =>
  sanitizeHtml(html, { allowedTags: [], allowedAttributes: {} })
    .replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity)
    .trim();
