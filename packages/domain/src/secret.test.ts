import { sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SigningKey } from './secret.ts';
import { ed25519Pair, hintOf, keyFromSecret, kindOfSecret, secretFromKey, signingKey } from './secret.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('keys', () => {
  it('come back out of the secrets they were made into', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 64 }), (bytes) => {
        const key = Buffer.from(bytes);
        expect(keyFromSecret(secretFromKey(key))).toEqual(key);
      }),
    );
  });

  it.each([
    '',
    'whsec_',
    SECRET.slice('whsec_'.length),
    SECRET.toUpperCase(),
    ` ${SECRET}`,
    `${SECRET}\n`,
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_',
    'whsec_MfKQ9r8G=KYqrTwjUPD8ILPZIo2LaLaSw',
    `whsec_${Buffer.alloc(23).toString('base64')}`,
    `whsec_${Buffer.alloc(65).toString('base64')}`,
  ])('are not in %j', (secret) => expect(keyFromSecret(secret)).toBeNull());
});

describe('the kind of a secret', () => {
  it.each([
    [SECRET, 'whsec'],
    // Of 18 bytes: no key of Standard Webhooks, but a text that others take as it is.
    ['whsec_xxxxxxxxxxxxxxxxxxxxxxxx', 'text'],
    ["It's a Secret to Everybody", 'text'],
    ['x', 'text'],
    ['ü'.repeat(512), 'text'],
  ])('of %s is %s', (secret, kind) => expect(kindOfSecret(secret)).toBe(kind));

  it.each([
    ['an empty text', ''],
    ['one that is too long', 'x'.repeat(513)],
    ['one with NUL', 'a\0b'],
    ['half of a surrogate pair', 'a\ud800'],
    ['a private key, which only we make', ed25519Pair(Buffer.alloc(32, 1)).secret],
    ['a public key', ed25519Pair(Buffer.alloc(32, 1)).publicKey],
  ])('is none for %s', (_, secret) => expect(kindOfSecret(secret)).toBeNull());
});

describe('a hint', () => {
  it('is the last four characters', () => expect(hintOf(SECRET)).toBe('LaSw'));

  it('cuts no character in two', () => expect(hintOf(`${'x'.repeat(16)}💚💚💚💚`)).toBe('💚💚💚💚'));

  it('says nothing of a secret that it would give away', () => expect(hintOf('123456789012345')).toBe(''));
});

describe('an HMAC key', () => {
  it.each([
    ['what is after whsec_ in base64', SECRET, Buffer.from(SECRET.slice(6), 'base64')],
    ['the text itself where it is no such secret', 'plain', Buffer.from('plain')],
  ])('has as its bytes %s', (_, secret, bytes) => {
    const kind = kindOfSecret(secret) ?? 'ed25519';
    expect(signingKey(kind, secret)).toEqual({ kind: 'hmac', text: Buffer.from(secret), bytes });
  });
});

describe('an ed25519 pair', () => {
  // Svix's server tests.
  const PRIVATE = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
  const PUBLIC = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';

  it('has the layout of Svix: the private text holds the seed and the public key', () => {
    const seed = Buffer.from(PRIVATE.slice('whsk_'.length), 'base64').subarray(0, 32);
    expect(ed25519Pair(seed)).toEqual({ secret: PRIVATE, publicKey: PUBLIC });
  });

  it('signs, opened, so that the public key verifies', () => {
    const { secret, publicKey } = ed25519Pair(Buffer.alloc(32, 9));
    const key = signingKey('ed25519', secret);
    const x = Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url');
    const message = Buffer.from('a');
    expect(verify(null, message, { key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }, signed(key, message))).toBe(
      true,
    );
  });
});

function signed(key: SigningKey, message: Buffer): Buffer {
  return key.kind === 'ed25519' ? sign(null, message, key.privateKey) : expect.fail('not an ed25519 key');
}
