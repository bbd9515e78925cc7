import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { WebhookVerificationError as OracleError, Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import type { VerifyRequest, WebhookHeaders } from './verify.ts';
import { verify, WebhookVerificationError } from './verify.ts';

// The vector of the Standard Webhooks reference libraries.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const SECONDS = 1614265330;
const BODY = '{"test": 2432232314}';
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

const HEADERS = { 'webhook-id': ID, 'webhook-timestamp': String(SECONDS), 'webhook-signature': SIGNATURE };
const VALID: VerifyRequest = { body: BODY, headers: HEADERS, secrets: SECRET, now: () => SECONDS * 1000 };

function codeOf(change: Partial<VerifyRequest>): string {
  try {
    verify({ ...VALID, ...change });
    return 'accepted';
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.code;
    throw error;
  }
}

const withHeaders = (change: Record<string, string | string[] | undefined>) =>
  codeOf({ headers: { ...HEADERS, ...change } });
const signedAs = (signature: string) => withHeaders({ 'webhook-signature': signature });
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

describe('a genuine request', () => {
  test('the published vector verifies and gives what was signed', () => {
    expect(verify(VALID)).toEqual({ id: ID, timestamp: new Date(SECONDS * 1000), body: Buffer.from(BODY) });
  });

  test('the body may be bytes, and a view into a larger buffer', () => {
    const large = new Uint8Array(Buffer.from(`xx${BODY}yy`));
    expect(verify({ ...VALID, body: large.subarray(2, 2 + BODY.length) }).body.toString()).toBe(BODY);
  });

  test.each<[string, WebhookHeaders]>([
    ['in other case', { 'Webhook-Id': ID, 'WEBHOOK-TIMESTAMP': String(SECONDS), 'Webhook-Signature': SIGNATURE }],
    ['of fetch', new Headers(HEADERS)],
    [
      'as lists',
      { 'webhook-id': [ID], 'webhook-timestamp': [String(SECONDS)], 'webhook-signature': ['v1,x', SIGNATURE] },
    ],
  ])('headers %s are read', (_kind, headers) => {
    expect(codeOf({ headers })).toBe('accepted');
  });

  test('one matching signature in a list is enough', () => {
    expect(signedAs(`v1a,abc v2,def v1,AAAA ${SIGNATURE} v1,`)).toBe('accepted');
  });

  test('while a secret is rotated, the old and the new one both verify', () => {
    expect(codeOf({ secrets: [newSecret(), SECRET] })).toBe('accepted');
    expect(codeOf({ secrets: [SECRET, newSecret()] })).toBe('accepted');
  });
});

describe('a request signed with an ed25519 key', () => {
  // The vector of Svix's server tests.
  const PUBLIC = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
  const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';
  const OTHER = `whpk_${Buffer.alloc(32, 1).toString('base64')}`;
  const signedBy = (signature: string, secrets: string | string[] = PUBLIC) =>
    codeOf({ headers: { ...HEADERS, 'webhook-signature': signature }, secrets });

  test('verifies with the public key, also beside others', () => {
    expect(signedBy(V1A)).toBe('accepted');
    expect(signedBy(`${SIGNATURE} ${V1A}`)).toBe('accepted');
    expect(signedBy(V1A, [SECRET, OTHER, PUBLIC])).toBe('accepted');
    expect(signedBy(`${V1A} ${SIGNATURE}`, SECRET)).toBe('accepted');
  });

  test('does not verify with another key, or another version in its name', () => {
    expect(signedBy(V1A, OTHER)).toBe('no_match');
    expect(signedBy(V1A, SECRET)).toBe('no_match');
    expect(signedBy(SIGNATURE, PUBLIC)).toBe('no_match');
    expect(signedBy(V1A.replace('v1a', 'v1'))).toBe('no_match');
  });

  test('does not verify when its body or one character of its signature has changed', () => {
    expect(codeOf({ headers: { ...HEADERS, 'webhook-signature': V1A }, secrets: PUBLIC, body: `${BODY} ` })).toBe(
      'no_match',
    );
    fc.assert(
      fc.property(fc.nat(V1A.length - 1), fc.constantFrom(...'ABabgQw01+/=, '), (at, letter) => {
        fc.pre(V1A[at] !== letter);
        return signedBy(V1A.slice(0, at) + letter + V1A.slice(at + 1)) === 'no_match';
      }),
    );
  });

  test.each(['', 'A', '==', ',junk', V1A])('does not verify with %j in the place of its last character', (more) => {
    expect(signedBy(V1A.slice(0, -1) + more)).toBe('no_match');
  });
});

describe('a branded sender', () => {
  const branded = {
    'acme-id': ID,
    'acme-timestamp': String(SECONDS),
    'acme-signature': SIGNATURE,
  };

  test('is read under its own name, and under no other', () => {
    expect(codeOf({ headers: branded, headerPrefix: 'acme' })).toBe('accepted');
    expect(codeOf({ headers: new Headers(branded), headerPrefix: 'Acme' })).toBe('accepted');
    expect(codeOf({ headers: branded })).toBe('missing_header');
    expect(codeOf({ headerPrefix: 'acme' })).toBe('missing_header');
  });
});

describe('a forged or damaged request', () => {
  test('another body, id, time or secret does not match', () => {
    expect(codeOf({ body: `${BODY} ` })).toBe('no_match');
    expect(withHeaders({ 'webhook-id': `${ID}x` })).toBe('no_match');
    expect(withHeaders({ 'webhook-timestamp': String(SECONDS + 1) })).toBe('no_match');
    expect(codeOf({ secrets: newSecret() })).toBe('no_match');
  });

  test('no change of a single byte of the body verifies', () => {
    const bytes = Buffer.from(BODY);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const body = Buffer.from(bytes);
        body[at] = (body[at] ?? 0) ^ change;
        return codeOf({ body }) === 'no_match';
      }),
    );
  });

  test('no change of a single character of the signature verifies', () => {
    fc.assert(
      fc.property(fc.nat(SIGNATURE.length - 1), fc.constantFrom(...'ABab01+/=, '), (at, letter) => {
        fc.pre(SIGNATURE[at] !== letter);
        return signedAs(SIGNATURE.slice(0, at) + letter + SIGNATURE.slice(at + 1)) === 'no_match';
      }),
    );
  });

  test('every truncated signature is refused', () => {
    for (let length = 1; length < SIGNATURE.length; length++) {
      expect(signedAs(SIGNATURE.slice(0, length))).toBe('no_match');
    }
  });

  test.each(['A', '=', ',junk', '\u00e9', SIGNATURE])('a signature with %s after it is refused', (more) => {
    expect(signedAs(SIGNATURE + more)).toBe('no_match');
  });

  test('a signature under another version is refused', () => {
    expect(signedAs(SIGNATURE.replace('v1,', 'v2,'))).toBe('no_match');
    expect(signedAs(SIGNATURE.replace('v1,', ''))).toBe('no_match');
  });

  test('bytes cannot be moved from the body into the id', () => {
    const signed = new Webhook(SECRET).sign(ID, new Date(SECONDS * 1000), `${SECONDS}.5`);
    expect(codeOf({ body: `${SECONDS}.5`, headers: { ...HEADERS, 'webhook-signature': signed } })).toBe('accepted');
    const moved = { ...HEADERS, 'webhook-id': `${ID}.${SECONDS}`, 'webhook-signature': signed };
    expect(codeOf({ body: '5', headers: moved })).toBe('no_match');
  });

  test.each(Object.keys(HEADERS))('without %s, with an empty one or with none of a list it is refused', (name) => {
    expect(withHeaders({ [name]: undefined })).toBe('missing_header');
    expect(withHeaders({ [name]: '' })).toBe('missing_header');
    expect(withHeaders({ [name]: [] })).toBe('missing_header');
  });

  test('an id or time given twice is refused', () => {
    expect(withHeaders({ 'webhook-id': [ID, 'msg_2'] })).toBe('missing_header');
    expect(withHeaders({ 'webhook-timestamp': [String(SECONDS), '1'] })).toBe('missing_header');
  });
});

describe('the time of a request', () => {
  test.each(['abc', '1e9', ` ${SECONDS}`, `${SECONDS}.0`, `-${SECONDS}`, '0x10', `${SECONDS}${SECONDS}`])(
    '%s is not a time',
    (text) => {
      expect(withHeaders({ 'webhook-timestamp': text })).toBe('bad_timestamp');
    },
  );

  test('up to the tolerance either way it is accepted, beyond it not', () => {
    const at = (offsetSeconds: number) => codeOf({ now: () => (SECONDS + offsetSeconds) * 1000 });
    expect([at(300), at(301), at(-300), at(-301)]).toEqual(['accepted', 'too_old', 'accepted', 'too_new']);
  });

  test('the tolerance can be set', () => {
    expect(codeOf({ toleranceSeconds: 5, now: () => (SECONDS + 6) * 1000 })).toBe('too_old');
    expect(codeOf({ toleranceSeconds: 10, now: () => (SECONDS + 6) * 1000 })).toBe('accepted');
  });

  test('without a clock given, the clock of the machine counts', () => {
    const { now: _now, ...request } = VALID;
    expect(() => verify(request)).toThrow(expect.objectContaining({ code: 'too_old' }));
  });

  test('a tolerance or a clock that is no number accepts nothing', () => {
    expect(() => verify({ ...VALID, toleranceSeconds: Number.NaN })).toThrow(TypeError);
    expect(() => verify({ ...VALID, toleranceSeconds: -1 })).toThrow(TypeError);
    expect(codeOf({ now: () => Number.NaN })).toBe('too_old');
  });
});

describe('a wrong call', () => {
  const short = `whsec_${randomBytes(23).toString('base64')}`;
  const long = `whsec_${randomBytes(65).toString('base64')}`;

  test.each([
    '',
    'whsec_',
    'whsec_!!!!',
    SECRET.slice(6),
    `${SECRET}\n`,
    short,
    long,
    'plain text that is no base64 at all',
    `whpk_${randomBytes(31).toString('base64')}`,
    `whpk_${randomBytes(64).toString('base64')}`,
    `whsk_${randomBytes(64).toString('base64')}`,
  ])('%j is no secret', (secret) => {
    expect(codeOf({ secrets: secret })).toBe('bad_secret');
    expect(codeOf({ secrets: [SECRET, secret] })).toBe('bad_secret');
  });

  test('no secrets at all verify nothing', () => {
    expect(codeOf({ secrets: [] })).toBe('bad_secret');
  });

  test('a parsed body is refused with words that help', () => {
    const parsed = JSON.parse(BODY);
    expect(() => verify({ ...VALID, body: parsed })).toThrow(/raw body/);
  });

  test('no message tells the secret', () => {
    expect(() => verify({ ...VALID, secrets: short })).toThrow(expect.not.stringContaining(short.slice(6, 12)));
  });
});

describe('against the reference library', () => {
  const content = fc.record({
    id: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
    body: fc.oneof(fc.string({ unit: 'grapheme' }), fc.json()),
    key: fc
      .uint8Array({ minLength: 24, maxLength: 64 })
      .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`),
  });

  test('what it signs verifies here', () => {
    fc.assert(
      fc.property(content, ({ id, body, key }) => {
        const now = new Date();
        const headers = signedHeaders({ id, body, key, now });
        expect(verify({ body, headers, secrets: key })).toMatchObject({ id, body: Buffer.from(body) });
      }),
    );
  });

  test('both refuse and accept the same damaged requests', () => {
    const damage = fc.record({
      name: fc.constantFrom(...Object.keys(HEADERS), 'body'),
      at: fc.nat(),
      letter: fc.constantFrom(...'aZ09/'),
    });
    fc.assert(
      fc.property(content, damage, ({ id, body, key }, { name, at, letter }) => {
        const sent: Record<string, string> = { ...signedHeaders({ id, body, key, now: new Date() }), body };
        sent[name] = replaced(sent[name] ?? '', at, letter);
        expect(accepts(() => verify({ body: sent['body'] ?? '', headers: sent, secrets: key }))).toBe(
          accepts(() => new Webhook(key).verify(sent['body'] ?? '', sent, { jsonParse: false })),
        );
      }),
    );
  });

  function signedHeaders({ id, body, key, now }: { id: string; body: string; key: string; now: Date }) {
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(key).sign(id, now, body),
    };
  }

  function replaced(text: string, at: number, letter: string): string {
    const index = text.length === 0 ? 0 : at % text.length;
    return text.slice(0, index) + letter + text.slice(index + 1);
  }

  function accepts(check: () => unknown): boolean {
    try {
      check();
      return true;
    } catch (error) {
      if (error instanceof WebhookVerificationError || error instanceof OracleError) return false;
      throw error;
    }
  }
});

test('verify needs nothing but node:crypto', () => {
  const source = readFileSync(new URL('./verify.ts', import.meta.url), 'utf8');
  const imported = [...source.matchAll(/\bfrom '([^']+)'|\bimport\(|\brequire\(/g)].map((match) => match[1]);
  expect(new Set(imported)).toEqual(new Set(['node:crypto']));
});
