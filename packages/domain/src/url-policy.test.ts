import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDestinationUrl, URL_CHARS } from './url-policy.ts';

const STRICT = { allowHttp: false, allowPrivateNames: false };
const OPEN = { allowHttp: true, allowPrivateNames: true };

const verdict = (text: string, rules = STRICT) => parseDestinationUrl(text, rules);

describe('what passes', () => {
  it.each([
    ['https://example.com', 'https://example.com/', 'example.com'],
    ['https://EXAMPLE.com/Hooks?a=B', 'https://example.com/Hooks?a=B', 'example.com'],
    ['  https://example.com/\n', 'https://example.com/', 'example.com'],
    ['https:example.com/x', 'https://example.com/x', 'example.com'],
    ['https:\\\\example.com\\x', 'https://example.com/x', 'example.com'],
    ['https://example.com:443/', 'https://example.com/', 'example.com'],
    ['https://example.com:80/', 'https://example.com:80/', 'example.com'],
    ['https://example.com:8443/', 'https://example.com:8443/', 'example.com'],
    ['https://example.com:65535/', 'https://example.com:65535/', 'example.com'],
    ['https://example.com./x', 'https://example.com/x', 'example.com'],
    ['https://example.com.:8443/x', 'https://example.com:8443/x', 'example.com'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/', 'xn--bcher-kva.example'],
    ['https://xn--bcher-kva.example/', 'https://xn--bcher-kva.example/', 'xn--bcher-kva.example'],
    ['https://ｅｘａｍｐｌｅ．ｃｏｍ/', 'https://example.com/', 'example.com'],
    ['https://exa\u00admple.com/', 'https://example.com/', 'example.com'],
    ['https://exa\tmple.com/', 'https://example.com/', 'example.com'],
    ['https://a_b.example.com/', 'https://a_b.example.com/', 'a_b.example.com'],
    ['https://localhost.example.com/', 'https://localhost.example.com/', 'localhost.example.com'],
    ['https://notlocal.net/', 'https://notlocal.net/', 'notlocal.net'],
    ['https://@example.com/', 'https://example.com/', 'example.com'],
    ['https://example.com/@user', 'https://example.com/@user', 'example.com'],
    ['https://example.com/..%2f%00', 'https://example.com/..%2f%00', 'example.com'],
  ])('%s', (text, url, host) => expect(verdict(text)).toEqual({ ok: true, url, host }));
});

describe('addresses are left to the guard, all in the one spelling it sees', () => {
  it.each([
    'https://127.0.0.1/',
    'https://127.0.0.1./',
    'https://127.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://017700000001/',
    'https://0177.0.0.1/',
    'https://①②⑦.⓪.⓪.①/',
    'https://127。0。0。1/',
    'https://%31%32%37.0.0.1/',
  ])('%s', (text) => expect(verdict(text)).toEqual({ ok: true, url: 'https://127.0.0.1/', host: '127.0.0.1' }));

  it.each([
    ['https://0/', '0.0.0.0'],
    ['https://[::1]/', '::1'],
    ['https://[::ffff:127.0.0.1]:8443/', '::ffff:7f00:1'],
    ['https://[0:0:0:0:0:0:0:1]/', '::1'],
  ])('%s', (text, host) => {
    expect(verdict(text)).toMatchObject({ ok: true, host });
    expect(isIP(host)).not.toBe(0);
  });
});

describe('what is refused', () => {
  it.each([
    [
      'not a URL',
      ['', ' ', 'example.com', '/hooks', '//example.com/', 'https://', 'https:///', 'https://exa mple.com/'],
    ],
    [
      'not a host',
      ['https://1.2.3.256/', 'https://[::1/', 'https://foo.0x7f.1.2.3.4/', 'https://xn--a/', 'https://a<b/'],
    ],
    ['another scheme', ['file:///etc/passwd', 'gopher://example.com/', 'ftp://example.com/', 'data:text/plain,x']],
    [
      'another scheme',
      ['javascript:alert(1)', 'blob:https://example.com/x', 'unix:/var/run/docker.sock', 'wss://example.com/'],
    ],
    ['plain http', ['http://example.com/', 'HTTP://example.com/']],
    [
      'user name and password',
      ['https://user@example.com/', 'https://user:pw@example.com/', 'https://:pw@example.com/'],
    ],
    ['a host behind a user name', ['https://example.com@127.0.0.1/', 'https://127.0.0.1%2f@example.com/']],
    ['a fragment', ['https://example.com/#x', 'https://example.com/#', 'https://example.com#@127.0.0.1/']],
    [
      'localhost',
      [
        'https://localhost/',
        'https://localhost./',
        'https://LOCALHOST/',
        'https://a.localhost/',
        'https://a.localhost./',
      ],
    ],
    [
      'localhost in disguise',
      ['https://lo\u00adcalhost/', 'https://local\u200bhost/', 'https://ｌｏｃａｌｈｏｓｔ/', 'https://%6cocalhost/'],
    ],
    [
      'private names',
      ['https://printer.local/', 'https://db.internal/', 'https://a.home.arpa/', 'https://x.corp/', 'https://nas.lan/'],
    ],
    ['metadata', ['https://metadata.google.internal/', 'https://metadata.google.internal./computeMetadata/v1/']],
    ['single labels', ['https://postgres/', 'https://intranet:8443/', 'https://redis./']],
    [
      'labels that are none',
      ['https://example..com/', 'https://example.com../', 'https://.example.com/', 'https://127.0.0.1../'],
    ],
    ['labels that are too long', [`https://${'a'.repeat(64)}.com/`, `https://${'a.'.repeat(127)}com/`]],
    [
      'punctuation in names',
      ["https://a'b.example.com/", 'https://a*b.example.com/', 'https://a$b.com/', 'https://*.example.com/'],
    ],
    [
      'low ports',
      ['https://example.com:0/', 'https://example.com:1/', 'https://example.com:22/', 'https://example.com:25/'],
    ],
    [
      'low ports',
      ['https://example.com:465/', 'https://example.com:587/', 'https://example.com:1023/', 'https://1.2.3.4:22/'],
    ],
    [
      'ports of other services',
      [2375, 2376, 3306, 5432, 6379, 9200, 11211, 27017].map((port) => `https://example.com:${port}/`),
    ],
    ['ports that are none', ['https://example.com:65536/', 'https://example.com:-1/', 'https://example.com:8o/']],
  ])('%s: %j', (_, texts) => {
    for (const text of texts) expect([text, verdict(text)]).toEqual([text, { ok: false, problem: expect.any(String) }]);
  });

  it('is what a backslash makes of a host that looked good', () => {
    expect(verdict('https://example.com\\@127.0.0.1/')).toMatchObject({ ok: true, host: 'example.com' });
    expect(verdict('https://localhost\\.example.com/')).toMatchObject({ ok: false });
  });

  it('is told without the text, which may hold a password', () => {
    for (const text of [
      'https://user:canary@example.com/',
      'ftp://canary/',
      'https://canary/',
      'https://canary..com/',
    ]) {
      expect(JSON.stringify(verdict(text))).not.toContain('canary');
    }
  });
});

describe('the rules', () => {
  it('take plain http where it is allowed', () => {
    expect(verdict('http://example.com/', OPEN)).toEqual({ ok: true, url: 'http://example.com/', host: 'example.com' });
    expect(verdict('http://example.com:443/', OPEN)).toMatchObject({ ok: true, url: 'http://example.com:443/' });
    expect(verdict('ftp://example.com/', OPEN)).toMatchObject({ ok: false });
  });

  it.each(['localhost', 'localhost.', 'a.localhost', 'receiver', 'printer.local', 'db.internal'])(
    'take %s where private names are allowed',
    (host) => expect(verdict(`https://${host}:3000/`, OPEN)).toMatchObject({ ok: true }),
  );

  it.each(['metadata.google.internal', 'metadata.google.internal.', 'metadata', 'instance-data'])(
    'never open the metadata service %s',
    (host) => expect(verdict(`http://${host}/`, OPEN)).toMatchObject({ ok: false }),
  );
});

describe('the length', () => {
  const ofLength = (length: number) => 'https://example.com/'.padEnd(length, 'x');

  it('is limited', () => {
    expect(verdict(ofLength(URL_CHARS))).toMatchObject({ ok: true });
    expect(verdict(ofLength(URL_CHARS + 1))).toMatchObject({ ok: false });
    // Before anything reads it: white space that URL would drop counts too.
    expect(verdict(`https://example.com/${' '.repeat(URL_CHARS)}`)).toMatchObject({ ok: false });
  });

  it('is that of the URL as it is called, with all its escapes', () => {
    expect(verdict(`https://example.com/${'ä'.repeat(1000)}`)).toMatchObject({ ok: false });
  });
});

describe('any text', () => {
  const host = fc.string({ unit: fc.constantFrom(...'aZ01.-_~%:@/\\#?[]。⓪ｌ\u00ad\u200b\t \0é'), maxLength: 20 });
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    host.map((part) => `https://${part}`),
    host.map((part) => `https://example.com${part}`),
  );

  it('is judged without throwing, and what passes passes again unchanged', () => {
    fc.assert(
      fc.property(text, fc.boolean(), fc.boolean(), (value, allowHttp, allowPrivateNames) => {
        const rules = { allowHttp, allowPrivateNames };
        const first = verdict(value, rules);
        if (first.ok) expect(verdict(first.url, rules)).toEqual(first);
      }),
      { numRuns: 10_000 },
    );
  });

  it('that passes has a host that is an address or a plain name, and nothing hidden beside it', () => {
    fc.assert(
      fc.property(text, (value) => {
        const first = verdict(value, OPEN);
        if (!first.ok) return;
        const name = isIP(first.host) === 6 ? `[${first.host}]` : first.host;
        expect(first.url).toMatch(/^https?:\/\/[^/@#\\\s]+\/[\x21-\x7e]*$/);
        expect(first.url.split('/')[2]?.replace(/:\d+$/, '')).toBe(name);
        expect(isIP(first.host) !== 0 || /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(first.host)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });
});
