import type { ServerResponse } from 'node:http';
import { style } from './style.js';

/** Text inside HTML. */
const safe = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(title)} · Demo Climate</title>
<style>${style}</style>
</head>
<body>
<main>
<header><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 4a2 2 0 1 1 4 0v9.1a4.5 4.5 0 1 1-4 0V4Z"/><path class="mercury" d="M12 8v9"/></svg><span>Demo Climate</span></header>
${body}
</main>
</body>
</html>
`;

/** Any name signs in: the demo has no passwords. */
export const signInPage = (action: string, problem = ''): string =>
  page(
    'Sign in',
    `<h1>Sign in</h1>
<p>A pretend thermostat service on your own machine. Any name will do.</p>
<form method="post" action="${safe(action)}">
<label for="user">User name</label>
<input id="user" name="user" value="demo" autocomplete="username" autocapitalize="none" maxlength="60" required autofocus${
      problem ? ' aria-invalid="true" aria-describedby="problem"' : ''
    }>
${problem ? `<p id="problem" class="problem" role="alert">${safe(problem)}</p>` : ''}
<button name="action" value="sign-in">Sign in</button>
</form>`,
  );

export const consentPage = (action: string, account: string, application: string): string =>
  page(
    'Allow access',
    `<h1>Allow access?</h1>
<p>You are signed in as <strong>${safe(account)}</strong>. <strong>${safe(application)}</strong> would like to</p>
<ul><li>see your thermostats</li><li>change set points, modes and fans</li></ul>
<form method="post" action="${safe(action)}">
<div class="buttons">
<button name="action" value="allow">Allow</button>
<button name="action" value="deny" class="quiet">Deny</button>
</div>
</form>`,
  );

export const errorPage = (title: string, detail: string): string =>
  page('Something is wrong', `<h1>${safe(title)}</h1>\n<p>${safe(detail)}</p>`);

export const homePage = (): string =>
  page(
    'Home',
    '<h1>It runs</h1>\n<p>Start from the sign-in link that the node server shows on its dashboard.</p>',
  );

/** Sends a page. Nothing is loaded from anywhere and nobody may frame it. */
export const send = (response: ServerResponse, status: number, html: string): void => {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  });
  response.end(html);
};
