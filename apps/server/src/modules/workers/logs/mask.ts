/** Lines without one of these words are not looked at further: a log may be a flood. */
const SUSPECT = /token|secret|password|oauth|bearer|\/webhooks\/|[?&](?:code|params)=/i;

/** `"access_token": "…"`, `'clientSecret': '…'`, also where JSON stands inside JSON. */
const NAMED =
  /(\\{0,3}["'][\w.-]{0,40}(?:token|secret|password)\\{0,3}["']\s*[:=]\s*)(\\{0,3}["'])(?!\2).+?(\2|$)/gi;

/** The code of a provider's answer; elsewhere `code` is a word like any other. */
const CODE = /(\\{0,3}["']code\\{0,3}["']\s*[:=]\s*)(\\{0,3}["'])(?!\2).+?(\2|$)/gi;

/** In addresses, where `params` is the secret part of a PGURL and a webhook's is in its path; and in headers. */
const IN_ADDRESS = /([?&](?:code|\w{0,40}token|client_secret|(?<=nsgetioturl\?)params)=)[^&\s"'<>]+/gi;
const WEBHOOK = /(\/webhooks\/)[\w-]{32}(?![\w-])/g;
const BEARER = /(\bBearer\s+)[\w~+/.=-]{8,}/gi;

/**
 * Takes out of a log line what opens an account. Published modules write every message to their log, with the
 * provider's code, the tokens in customData and the client secret, all of which is encrypted or never kept elsewhere.
 */
export function maskSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const masked = text
    .replace(NAMED, '$1$2…$3')
    .replace(IN_ADDRESS, '$1…')
    .replace(WEBHOOK, '$1…')
    .replace(BEARER, '$1…');
  return /oauth/i.test(masked) ? masked.replace(CODE, '$1$2…$3') : masked;
}

/** As values are written elsewhere than in plain text: inside JSON, and in addresses. */
const written = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(Buffer.from(secret).toString()),
];

/** Takes out what looks like a secret, and the values that are known to be one. */
export function maskerOf(secrets: string[]): (text: string) => string {
  // The longest first: one may be a part of another.
  const known = [...new Set(secrets.flatMap(written))].sort((a, b) => b.length - a.length);
  return (text) => {
    let masked = text;
    for (const secret of known) if (masked.includes(secret)) masked = masked.replaceAll(secret, '…');
    return maskSecrets(masked);
  };
}
