import { createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, it } from 'vitest';
import { dispatch, keyOf, sent, WEBHOOK_ID } from '../../test/dispatch.ts';
import { ed25519Pair, secretFromKey, signingKey } from '../secret.ts';
import type { PingSubject } from './profile.ts';
import { signature, standard } from './standard.ts';

const OLD = secretFromKey(Buffer.alloc(32, 1));
const NEW = secretFromKey(Buffer.alloc(32, 2));
const SVIX_PRIVATE = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';

const now = () => Math.floor(Date.now() / 1000);

describe('the standard profile', () => {
  it.each([
    // Published: documentation of Svix and the libraries of Standard Webhooks.
    {
      key: keyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
      signed: ['msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.', '{"test": 2432232314}'],
      entry: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    // Published: the Rust library of Standard Webhooks.
    {
      key: keyOf('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'),
      signed: ['msg_27UH4WbU6Z5A5EzD8u03UvzRbpk.1649367553.', '{"email":"test@example.com","username":"test_user"}'],
      entry: 'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
    },
    // Published: the tests of Svix's server.
    {
      key: signingKey('ed25519', SVIX_PRIVATE),
      signed: ['msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.', '{"test": 2432232314}'],
      entry: 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    },
  ])('follows the vector $entry', ({ key, signed: [head = '', body = ''], entry }) => {
    expect(signature(key, [head, Buffer.from(body)])).toBe(entry);
  });

  it('sends the payload as it was published', () => {
    const payload = ' {"b": 1.0, "a": 1e3,"a":"\\u00e9 é"}\n';
    expect(sent('standard', dispatch({ payload })).body).toBe(payload);
  });

  it('names the event by its id, the same on every attempt, and the moment of the attempt', () => {
    const { headers } = sent('standard', dispatch({}, { timestamp: 5, attempt: 3 }));
    expect(headers).toEqual({
      'content-type': 'application/json',
      'webhook-id': 'evt_01kw00048he8h86ct48h248h24',
      'webhook-timestamp': '5',
    });
  });

  it.each(['json', 'form'] as const)(
    'in %s is accepted by the libraries of Standard Webhooks and Svix',
    (contentType) => {
      const payloads = fc.json().map((text) => Buffer.from(text));
      const keys = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => secretFromKey(Buffer.from(bytes)));
      fc.assert(
        fc.property(payloads, keys, (payload, secret) => {
          const { headers, body } = sent('standard', dispatch({ payload }, { timestamp: now() }), {
            keys: [keyOf(secret)],
            contentType,
          });
          expect(accepts(new Webhook(secret), { headers, body })).toBe(true);
          expect(accepts(new SvixWebhook(secret), { headers, body })).toBe(true);
        }),
      );
    },
  );

  it.each(['json', 'form'] as const)(
    'in %s, while a secret is rotated, is accepted by holders of either',
    (contentType) => {
      const request = sent('standard', dispatch({}, { timestamp: now() }), {
        keys: [keyOf(NEW), keyOf(OLD)],
        contentType,
      });
      expect(request.headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/);
      for (const secret of [OLD, NEW]) {
        expect(accepts(new Webhook(secret), request)).toBe(true);
        expect(accepts(new SvixWebhook(secret), request)).toBe(true);
      }
    },
  );

  it.each(['json', 'form'] as const)('in %s is refused by them when one byte has changed', (contentType) => {
    const { headers, body } = sent('standard', dispatch({}, { timestamp: now() }), { keys: [keyOf(NEW)], contentType });
    for (let at = 0; at < body.length; at++) {
      const changed = `${body.slice(0, at)}${body[at] === '0' ? '1' : '0'}${body.slice(at + 1)}`;
      expect(accepts(new Webhook(NEW), { headers, body: changed })).toBe(false);
      expect(accepts(new SvixWebhook(NEW), { headers, body: changed })).toBe(false);
    }
  });

  it('signs with an ed25519 key so that its public key verifies, beside an HMAC key on its way out', () => {
    const { secret, publicKey } = ed25519Pair(Buffer.alloc(32, 3));
    const request = sent('standard', dispatch({}, { timestamp: now() }), {
      keys: [signingKey('ed25519', secret), keyOf(OLD)],
    });
    const [asymmetric = '', symmetric] = request.headers['webhook-signature']?.split(' ') ?? [];
    const { 'webhook-id': id, 'webhook-timestamp': timestamp } = request.headers;
    const x = Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const message = Buffer.from(`${id}.${timestamp}.${request.body}`);
    expect(asymmetric).toMatch(/^v1a,/);
    expect(verify(null, message, key, Buffer.from(asymmetric.slice('v1a,'.length), 'base64'))).toBe(true);
    expect(symmetric).toMatch(/^v1,/);
    expect(accepts(new Webhook(OLD), request)).toBe(true);
  });

  it('puts a brand in the place of "webhook" in its headers', () => {
    const request = sent('standard', dispatch({}, { timestamp: now(), headerPrefix: 'svix' }), { keys: [keyOf(NEW)] });
    expect(Object.keys(request.headers)).toEqual(['content-type', 'svix-id', 'svix-timestamp', 'svix-signature']);
    expect(accepts(new SvixWebhook(NEW), request)).toBe(true);
  });

  it('pings with the id of the webhook', () => {
    expect(standard.ping({ id: WEBHOOK_ID } as PingSubject)).toEqual({
      type: 'ping',
      webhook_id: 'wh_01kw0016csfan8qeycsk6csk6c',
    });
  });
});

/** Both libraries check the signature first and read the body as JSON then: a form fails there, which is not our matter. */
function accepts(
  receiver: { verify(body: string, headers: Record<string, string>): unknown },
  { headers, body }: { headers: Record<string, string>; body: string },
): boolean {
  try {
    receiver.verify(body, headers);
    return true;
  } catch (error) {
    return error instanceof SyntaxError;
  }
}
