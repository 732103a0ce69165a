import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../testing/service.js';

let service: TestService;
let routes: { method: string; url: string }[];
const tokens: Record<string, string> = {};

const ACL = {
  kind: 'acl',
  acl: [{ uri: 'gw/channels' }, { uri: 'gw/channels/messages' }, { uri: 'mqtt' }],
};

beforeAll(async () => {
  service = await startService();
  for (const access of [{ kind: 'master' }, { kind: 'standard' }, ACL]) {
    const made = await service.call<{ token: string; access: object }>('POST', '/api/access-tokens', {
      body: { name: access.kind, access },
      status: 201,
    });
    expect(made.access).toEqual(access);
    tokens[access.kind] = made.token;
  }
  routes = listRoutes(service.app.printRoutes({ commonPrefix: false }));
});
afterAll(() => service.close());

/** Every route there is, with something in the places of its parameters. */
function listRoutes(tree: string): { method: string; url: string }[] {
  const levels: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const found = /^(?<indent>(?:│ {3}| {4})*)[├└]── (?<path>.*?)(?: \((?<methods>[A-Z, ]+)\))?$/u.exec(line);
    if (found?.groups === undefined) return [];
    const { indent = '', path = '', methods = '' } = found.groups;
    levels.length = indent.length / 4;
    levels.push(path);
    const url = levels.join('').replaceAll(/:\w+/g, randomUUID()).replaceAll('*', 'x');
    return methods
      .split(', ')
      .filter(
        (method) => !url.startsWith('/assets/') && ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method),
      )
      .map((method) => ({ method, url }));
  });
}

/** The status of each route for somebody. */
async function statuses(authorization: string | undefined): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { method, url } of routes) {
    const abort = new AbortController();
    const response = await fetch(service.url + url, {
      method,
      redirect: 'manual',
      signal: abort.signal,
      headers: authorization === undefined ? {} : { authorization },
    });
    found.set(`${method} ${url}`, response.status);
    abort.abort();
  }
  return found;
}

const basic = (token: string) => ({
  authorization: `Basic ${Buffer.from(`admin@example.org:${token}`).toString('base64')}`,
});

describe('every route of the service', () => {
  test('a token with a list reaches those of its list and nothing else that asks who calls', async () => {
    const nobody = await statuses(undefined);
    const acl = await statuses(`FlespiToken ${tokens.acl}`);
    // These take HTTP Basic alone.
    const byPassword = await statuses(basic(tokens.acl ?? '').authorization);
    const guarded = [...nobody].filter(([, status]) => status === 401).map(([route]) => route);
    expect(guarded.length).toBeGreaterThan(60);
    // These ask for a password or a thing's own token, whatever the access token.
    const other = /^(GET \S*\/v1\/token|POST \S*\/v1\/things\/\S+\/collect|POST \/api\/session)$/;
    for (const route of guarded.filter((one) => !other.test(one))) {
      if (/^[A-Z]+ \/gw\//.test(route)) expect([route, acl.get(route)]).not.toEqual([route, 403]);
      else {
        const status = /^[A-Z]+ \/ws\b/.test(route) ? byPassword.get(route) : acl.get(route);
        expect([route, status]).toEqual([route, 403]);
      }
    }
  });

  test('a standard token reaches everything but access itself', async () => {
    const nobody = await statuses(undefined);
    const standard = await statuses(`Bearer ${tokens.standard}`);
    for (const [route, status] of nobody) {
      if (status !== 401) continue;
      const about = /^[A-Z]+ \/api\/(access-tokens|users|policies|backups|audit)(\/|$)/.test(route);
      if (about) expect([route, standard.get(route)]).toEqual([route, 403]);
      else expect([route, standard.get(route)]).not.toEqual([route, 403]);
    }
  });
});

test('no token makes one that may more than itself', async () => {
  for (const kind of ['acl', 'standard'] as const) {
    const headers = { authorization: `Bearer ${tokens[kind]}` };
    const body = { name: 'more' };
    await service.call('POST', '/api/access-tokens', { headers, body, anonymous: true, status: 403 });
    const short = await service.call<{ accessToken: string }>('GET', '/v1/token', {
      headers: basic(tokens[kind] ?? ''),
      anonymous: true,
    });
    const again = { authorization: `Bearer ${tokenIn(short)}` };
    await service.call('GET', '/api/access-tokens', { headers: again, anonymous: true, status: 403 });
    await service.call('GET', '/api/session', {
      headers: again,
      anonymous: true,
      status: kind === 'acl' ? 403 : 200,
    });
  }
});

/** The access token in an answer of the FlashLex API, wherever it stands. */
function tokenIn(answer: object): string {
  const token = /pr_[\w-]+/.exec(JSON.stringify(answer))?.[0];
  if (token === undefined) throw new Error(`no token in ${JSON.stringify(answer)}`);
  return token;
}

test('a list that allows nothing, or what there is not, is refused', async () => {
  for (const acl of [
    [],
    [{ uri: 'gw/devices' }],
    [{ uri: 'mqtt', methods: ['PATCH'] }],
    [{ uri: 'mqtt', ids: [0] }],
  ])
    await service.call('POST', '/api/access-tokens', {
      body: { name: 'x', access: { kind: 'acl', acl } },
      status: 400,
    });
});
