import { escapeHtml, type OAuth } from '@polyrelay/node-server';

const openings = {
  denied: 'You did not allow access to Demo Climate. Changed your mind?',
  failed: 'Linking Demo Climate did not work',
  ended: 'Demo Climate ended the access it had given.',
} as const;

/** What the user reads, with the link to sign in. */
export const signInNotice = (oauth: OAuth, reason?: keyof typeof openings, detail?: string): string => {
  const link = oauth.anchor(reason === undefined ? 'Sign in to Demo Climate' : 'Sign in again');
  if (reason === undefined) return `${link} to link your thermostats.`;
  // The provider's words come with a query parameter, so anybody may have written them.
  const explained =
    reason === 'failed' ? `${openings.failed}${detail ? `: ${escapeHtml(detail)}` : ''}.` : openings[reason];
  return `${explained} ${link}.`;
};
