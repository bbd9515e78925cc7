import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCustomHeaders, isHeaderPrefix, isSensitiveHeader, MASK, maskHeaders } from './header-policy.ts';

const parsed = (json: string): Record<string, string> => JSON.parse(json);
const fieldsOf = (headers: Record<string, string | string[]>) => {
  const verdict = checkCustomHeaders(headers);
  return verdict.ok ? [] : verdict.problems.map(({ field }) => field);
};

describe('checkCustomHeaders', () => {
  it('gives names in lower case and values as lists', () => {
    expect(
      checkCustomHeaders({ 'X-Tenant': 'acme', Accept: ['a/b', 'c/d'], Authorization: 'Bearer x', empty: '' }),
    ).toEqual({
      ok: true,
      headers: { 'x-tenant': ['acme'], accept: ['a/b', 'c/d'], authorization: ['Bearer x'], empty: [''] },
    });
  });

  it('takes no headers at all', () => {
    expect(checkCustomHeaders({})).toEqual({ ok: true, headers: {} });
  });

  it.each(['x', 'X-Y_Z.1', "!#$%&'*+.^_`|~", 'n'.repeat(64)])('takes the name %s', (name) => {
    expect(fieldsOf({ [name]: 'v' })).toEqual([]);
  });

  it.each([
    '',
    ' ',
    'a b',
    'a:',
    'a\r\nb',
    'a\0',
    'ä',
    'Ā',
    'a(b)',
    'a"b',
    'a/b',
    'a,b',
    '{a}',
    'n'.repeat(65),
    '\u212aey',
  ])('refuses the name %j', (name) => expect(fieldsOf({ [name]: 'v' })).toHaveLength(1));

  it.each(['', ' ', 'a b\tc', '~!@#$%^&*()', 'x'.repeat(4096)])('takes the value %j', (value) => {
    expect(fieldsOf({ x: value })).toEqual([]);
  });

  it.each(['a\r\nb: c', 'a\n', 'a\r', 'a\0', '\x7f', '\x1b', 'ä', '\u0100', '\u010d\u010a', '🙂', 'x'.repeat(4097)])(
    'refuses the value %j',
    (value) => {
      expect(fieldsOf({ x: value })).toEqual(['headers.x']);
      expect(fieldsOf({ x: ['fine', value] })).toEqual(['headers.x']);
    },
  );

  it.each([
    'Host',
    'Content-Length',
    'Content-Type',
    'Content-Encoding',
    'Transfer-Encoding',
    'Connection',
    'Keep-Alive',
    'Upgrade',
    'TE',
    'Trailer',
    'Expect',
    'Accept-Encoding',
    'Proxy-Authorization',
    'Proxy-Connection',
    'Forwarded',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Real-IP',
    'Via',
    'Cookie',
    'Set-Cookie',
    'User-Agent',
    'Webhook-Id',
    'Webhook-Signature',
    'webhook_id',
    'x_forwarded_for',
    'content_length',
    'webhook-anything',
    'X-Hub-Signature',
    'X-Hub-Signature-256',
    'X-GitHub-Event',
    'X-Snyk-Event',
    'X-InfraAudit-Signature',
    'X-Webhook-Signature',
    'Socotra-Signature',
    'Sec-Fetch-Mode',
    'Traceparent',
    'Tracestate',
    'X-aws-ec2-metadata-token',
    'X-aws-ec2-metadata-token-ttl-seconds',
    'Metadata-Flavor',
    'Metadata',
    'X-HTTP-Method-Override',
    'X-Original-URL',
  ])('refuses %s, in any case', (name) => {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(fieldsOf({ [spelling]: 'x' })).toEqual([`headers.${spelling}`]);
    }
  });

  it('refuses one name in two spellings', () => {
    expect(fieldsOf({ 'X-A': '1', 'x-a': '2' })).toEqual(['headers.x-a']);
  });

  it('refuses an empty list of values', () => {
    expect(fieldsOf({ x: [] })).toEqual(['headers.x']);
  });

  it('refuses more than 20, each value of a list counted', () => {
    const list = (count: number) => ({ x: Array.from({ length: count }, () => 'v') });
    const names = (count: number) => Object.fromEntries(list(count).x.map((value, i) => [`x-${i}`, value]));
    expect(fieldsOf(list(20))).toEqual([]);
    expect(fieldsOf(list(21))).toEqual(['headers']);
    expect(fieldsOf(names(20))).toEqual([]);
    expect(fieldsOf(names(21))).toEqual(['headers']);
  });

  it('refuses more than 8 KiB in all, as they stand in the request', () => {
    const ofBytes = (total: number) => ({ a: 'x'.repeat(4091), b: 'x'.repeat(total - 4096 - 5) });
    expect(fieldsOf(ofBytes(8192))).toEqual([]);
    expect(fieldsOf(ofBytes(8193))).toEqual(['headers']);
  });

  it('tells all problems, and no value', () => {
    const verdict = checkCustomHeaders({ Host: 'canary', 'a b': 'canary\n', ok: 'canary' });
    expect(fieldsOf({ Host: 'canary', 'a b': 'canary\n', ok: 'canary' })).toEqual([
      'headers.Host',
      'headers.a b',
      'headers.a b',
    ]);
    expect(JSON.stringify(verdict)).not.toContain('canary');
  });

  it('treats names of the prototype as names', () => {
    const verdict = checkCustomHeaders(parsed('{"__proto__": "x", "constructor": "y", "toString": "z"}'));
    expect(verdict).toMatchObject({ ok: true });
    const headers = verdict.ok ? verdict.headers : {};
    expect(Object.entries(headers)).toEqual([
      ['__proto__', ['x']],
      ['constructor', ['y']],
      ['tostring', ['z']],
    ]);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  it('never throws, and never passes what could split a request', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.oneof(anyText, fc.array(anyText))), (headers) => {
        const verdict = checkCustomHeaders(headers);
        if (!verdict.ok) return;
        for (const [name, values] of Object.entries(verdict.headers)) {
          for (const value of values) expect(`${name}: ${value}`).toMatch(/^[!-~]+: [\t -~]*$/);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('sensitive headers', () => {
  it.each([
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'Set-Cookie',
    'X-API-Key',
    'apikey',
    'X-Auth-Token',
    'X-CSRF-Token',
    'client-secret',
    'Webhook-Signature',
    'X-Hub-Signature-256',
    'Ocp-Apim-Subscription-Key',
    'x-password',
    'X-Amz-Security-Token',
  ])('%s is one', (name) => expect(isSensitiveHeader(name)).toBe(true));

  it.each(['content-type', 'x-tenant', 'webhook-id', 'x-keyboard', 'accept', 'date', 'x-author'])(
    '%s is none',
    (name) => {
      expect(isSensitiveHeader(name)).toBe(false);
    },
  );

  it('are masked for the log, the others left as they are', () => {
    const headers = { Authorization: 'Bearer x', 'x-tenant': 'acme', 'x-api-key': ['a', 'b'], accept: ['a', 'b'] };
    expect(maskHeaders(headers)).toEqual({
      Authorization: MASK,
      'x-tenant': 'acme',
      'x-api-key': [MASK, MASK],
      accept: ['a', 'b'],
    });
    expect(headers.Authorization).toBe('Bearer x');
  });

  it('are masked without harm from names of the prototype', () => {
    const masked = maskHeaders(parsed('{"__proto__": "x", "x-secret": "canary"}'));
    expect(Object.entries(masked)).toEqual([
      ['__proto__', 'x'],
      ['x-secret', MASK],
    ]);
  });
});

describe('a brand in the place of "webhook"', () => {
  it.each(['webhook', 'svix', 'acme', 'a', 'x-acme', 'acme-2', 'a'.repeat(32)])('may be %s', (prefix) => {
    expect(isHeaderPrefix(prefix)).toBe(true);
  });

  it.each([
    '',
    'Acme',
    '-acme',
    'acme-',
    '2acme',
    'ac me',
    'acme\n',
    'ácme',
    'a'.repeat(33),
    'proxy-acme',
    'sec-acme',
    'x-forwarded',
    'x-github-acme',
    'x-hub-acme',
  ])('may not be %j', (prefix) => {
    expect(isHeaderPrefix(prefix)).toBe(false);
  });
});
