import { describe, expect, test } from 'vitest';
import { findSignInLink, presentNotice, signInPath } from './notices.js';

const owner = { id: '11111111-1111-4111-8111-111111111111', worker: 'wOrKeR123' };
const present = (content: unknown, key = 'auth') => presentNotice(owner, key, content, new Date(0));
const PATH = signInPath(owner.id, 'auth');
const PROVIDER = `https://provider.example.org/auth?client_id=c&state=${owner.worker}`;

/** Published ways to run a script through HTML that somebody else writes. */
const PAYLOADS = [
  '<script>alert(1)</script>',
  '<ScRiPt src=//evil.example></sCrIpT>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<img src=x onerror=alert(1)>',
  '<img src="x` `<script>alert(1)</script>"` `>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<math href="javascript:alert(1)">x</math>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="javascript:alert(1)">',
  '<form action="javascript:alert(1)"><input type=submit></form>',
  '<button formaction="javascript:alert(1)">x</button>',
  '<input autofocus onfocus=alert(1)>',
  '<body onload=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<video><source onerror="alert(1)"></video>',
  '<audio src=x onerror=alert(1)>',
  '<marquee onstart=alert(1)>x</marquee>',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<base href="https://evil.example/">',
  '<link rel="stylesheet" href="https://evil.example/a.css">',
  '<style>*{background:url("javascript:alert(1)")}</style>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<textarea></textarea><img src=x onerror=alert(1)>',
  '<title><img src=x onerror=alert(1)></title>',
  '<template><script>alert(1)</script></template>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href="java&#x0A;script:alert(1)">x</a>',
  '<a href=" &#1; javascript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="//evil.example">x</a>',
  '<a href="https://ok.example" onclick="alert(1)" style="position:fixed">x</a>',
  '<p onmouseover=alert(1) style="background:url(x)" id="root" class="modal">x</p>',
  '<a href="https://x/?a=<img src=x onerror=alert(1)>">x</a>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '"><img src=x onerror=alert(1)>',
  `<a href="javascript:alert(1)//?state=${owner.worker}">sign in</a>`,
  `<a href="data:text/html,x?state=${owner.worker}">sign in</a>`,
  `https://evil.example/<img/src=x/onerror=alert(1)>?state=${owner.worker}`,
  `https://a&lt;img src=x onerror=alert(1)&gt;/?state=${owner.worker}`,
];

/** Only these may stand in a notice, with these attributes, and nothing else that begins with “<”. */
const TAG =
  /<\/?(?:b|strong|i|em|u|code|pre|br|p|ul|ol|li|span|h3|h4)(?: \/)?>|<\/a>|<a(?: href="(?:https?:\/\/[^"]*|\/api\/oauth\/start\?[^"]*)")?(?: rel="noopener noreferrer")?(?: target="_blank")?>/g;

describe('a notice as it is shown', () => {
  test.each(PAYLOADS)('nothing of %s runs', (payload) => {
    const { html } = present(payload);
    expect(html.replace(TAG, '')).not.toMatch(/[<>]/);
    expect(html).not.toMatch(/href="(?!https?:\/\/|\/api\/oauth\/start\?)/);
  });

  test('an object is shown as text, and a long one is cut', () => {
    expect(present({ a: '<script>x</script>', b: 1 }).html).not.toContain('<script');
    expect(present('x'.repeat(100_000)).html.length).toBeLessThanOrEqual(20_000);
    expect(present('').html).toBe('');
    expect(present(null).html).toBe('null');
  });

  test('formatting stays, links leave safely', () => {
    expect(
      present('Press <b>the button</b><br>see <a href="https://help.example.org/a?b=1&c=2">help</a>').html,
    ).toBe(
      'Press <b>the button</b><br />see <a href="https://help.example.org/a?b=1&amp;c=2" rel="noopener noreferrer" target="_blank">help</a>',
    );
  });

  test('the sign-in link goes through the service', () => {
    const notice = present(`Click <a href="${PROVIDER}">here</a> to link your account`);
    expect(notice).toEqual({
      key: 'auth',
      html: `Click <a href="${PATH.replace('&', '&amp;')}">here</a> to link your account`,
      text: 'Click here to link your account',
      signInUrl: PATH,
      provider: 'provider.example.org',
      raisedAt: '1970-01-01T00:00:00.000Z',
    });
    expect(notice.html).not.toContain(owner.worker);
  });

  test.each([
    ['escaped', `<a href="${PROVIDER.replaceAll('&', '&amp;')}">here</a>`],
    ['with spaces around', `<a href="  ${PROVIDER} ">here</a>`],
    ['in single quotes, with a target', `<a target="_top" href='${PROVIDER}'>here</a>`],
    ['behind another link', `<a href="https://help.example.org">help</a> <a href="${PROVIDER}">here</a>`],
    ['as bare text', `Open ${PROVIDER} to sign in`],
    ['as bare text, escaped', `Open ${PROVIDER.replaceAll('&', '&amp;')} to sign in`],
    ['with the state in the middle', `<a href="https://p.example.org/?state=${owner.worker}&scope=a">x</a>`],
  ])('a sign-in link %s is found', (_what, content) => {
    const notice = present(content);
    expect(notice.signInUrl).toBe(PATH);
    expect(notice.html).toContain(`<a href="${PATH.replace('&', '&amp;')}">`);
    expect(notice.html).not.toContain(owner.worker);
    expect(new URL(findSignInLink(content, owner.worker) ?? '').searchParams.get('state')).toBe(owner.worker);
  });

  test.each([
    ['another worker’s', `<a href="https://p.example.org/?state=another">x</a>`],
    ['no state', '<a href="https://p.example.org/">x</a>'],
    ['a script', `<a href="javascript:x?state=${owner.worker}">x</a>`],
    ['only part of the state', `<a href="https://p.example.org/?state=${owner.worker}x">x</a>`],
    ['a link in a comment', `<!-- <a href="${PROVIDER}">x</a> -->`],
  ])('%s is no sign-in link', (_what, content) => {
    expect(present(content)).toMatchObject({ signInUrl: null, provider: null });
  });

  test('the key of a notice cannot break out of its link', () => {
    const { html, signInUrl } = present(
      `<a href="${PROVIDER}">x</a>`,
      '"><img src=x onerror=alert(1)>&notice=b',
    );
    expect(html.replace(TAG, '')).toBe('x');
    expect(new URL(signInUrl ?? '', 'http://x').searchParams.getAll('notice')).toEqual([
      '"><img src=x onerror=alert(1)>&notice=b',
    ]);
  });
});
