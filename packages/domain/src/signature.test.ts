import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { keyFromSecret, secretFromKey, standardHeaders, verifies } from './signature.ts';

const key = (secret: string): Buffer => keyFromSecret(secret) ?? expect.fail(`not a secret: ${secret}`);

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const CONTENT = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1614265330,
  body: Buffer.from('{"test": 2432232314}'),
};
const SIGNATURE = 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

describe('Standard Webhooks signatures', () => {
  it.each([
    [SECRET, CONTENT, SIGNATURE],
    [
      'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
      {
        id: 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
        timestamp: 1649367553,
        body: Buffer.from('{"email":"test@example.com","username":"test_user"}'),
      },
      'tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
    ],
  ])('follow the vectors of documentation and Rust library: %s', (secret, content, signature) => {
    expect(standardHeaders(content, [key(secret)])).toEqual({
      'webhook-id': content.id,
      'webhook-timestamp': String(content.timestamp),
      'webhook-signature': `v1,${signature}`,
    });
    expect(verifies(content, key(secret), signature)).toBe(true);
  });

  it('are accepted by the library of the specification, whatever the body and the key', () => {
    const bodies = fc.string({ unit: 'grapheme', maxLength: 300 }).map((text) => Buffer.from(text));
    const keys = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    const timestamp = Math.floor(Date.now() / 1000);
    fc.assert(
      fc.property(bodies, keys, fc.uuid(), (body, signingKey, id) => {
        const headers = standardHeaders({ id, timestamp, body }, [signingKey]);
        expect(() => new Webhook(secretFromKey(signingKey)).verify(body, headers, { jsonParse: false })).not.toThrow();
      }),
    );
  });

  it('are refused by that library for another body, id or key', () => {
    const content = { ...CONTENT, timestamp: Math.floor(Date.now() / 1000) };
    const headers = standardHeaders(content, [key(SECRET)]);
    const receiver = new Webhook(SECRET);
    expect(() => receiver.verify('{"test": 2432232315}', headers)).toThrow('No matching signature');
    expect(() => receiver.verify(content.body, { ...headers, 'webhook-id': 'msg_other' })).toThrow(
      'No matching signature',
    );
    const stranger = new Webhook(secretFromKey(Buffer.alloc(32, 1)));
    expect(() => stranger.verify(content.body, headers)).toThrow('No matching signature');
  });

  it('are made with every key while a secret is being rotated, so that holders of either accept', () => {
    const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const content = { ...CONTENT, timestamp: Math.floor(Date.now() / 1000) };
    const headers = standardHeaders(content, keys);
    expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/);
    for (const one of keys)
      expect(new Webhook(secretFromKey(one)).verify(content.body, headers)).toEqual({ test: 2432232314 });
  });

  it('are left out where there is no key', () => {
    expect(standardHeaders(CONTENT, [])).toEqual({ 'webhook-id': CONTENT.id, 'webhook-timestamp': '1614265330' });
  });
});

describe('verifies', () => {
  it.each([
    '',
    SIGNATURE.slice(0, -1),
    SIGNATURE.slice(0, 8),
    `${SIGNATURE}=`,
    `${SIGNATURE} `,
    SIGNATURE.toLowerCase(),
    `v1,${SIGNATURE}`,
    'ü'.repeat(44),
  ])('is false for %j, and does not throw', (signature) => {
    expect(verifies(CONTENT, key(SECRET), signature)).toBe(false);
  });

  it('is false when anything that was signed has changed', () => {
    expect(verifies({ ...CONTENT, id: 'msg_x' }, key(SECRET), SIGNATURE)).toBe(false);
    expect(verifies({ ...CONTENT, timestamp: CONTENT.timestamp + 1 }, key(SECRET), SIGNATURE)).toBe(false);
    expect(verifies({ ...CONTENT, body: Buffer.from('{}') }, key(SECRET), SIGNATURE)).toBe(false);
    expect(verifies(CONTENT, Buffer.alloc(24), SIGNATURE)).toBe(false);
  });
});

describe('secrets', () => {
  it('come back as the key they were made of', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 64 }), (bytes) => {
        const signingKey = Buffer.from(bytes);
        expect(keyFromSecret(secretFromKey(signingKey))).toEqual(signingKey);
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
  ])('are refused when they are %j', (secret) => expect(keyFromSecret(secret)).toBeNull());
});
