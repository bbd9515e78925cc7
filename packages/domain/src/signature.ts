import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signing keys as bytes; the first one is the newest. Several are valid while a secret is being rotated. */
export type SigningKeys = readonly Buffer[];

export interface SignedContent {
  /** The event's id: the same on every attempt, so that receivers can tell duplicates. */
  id: string;
  /** Unix seconds of this attempt; receivers refuse what is older than their tolerance. */
  timestamp: number;
  body: Buffer;
}

/**
 * Headers of a Standard Webhooks v1 request: HMAC-SHA256 over `id.timestamp.body`, base64, one `v1,…` per valid key.
 * Source: github.com/standard-webhooks/standard-webhooks, spec "Signature scheme".
 */
export function standardHeaders(content: SignedContent, keys: SigningKeys): Record<string, string> {
  const headers: Record<string, string> = {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestamp),
  };
  if (keys.length > 0) headers['webhook-signature'] = keys.map((key) => `v1,${sign(content, key)}`).join(' ');
  return headers;
}

/** True when `signature` (base64) was made with `key`; unequal lengths are simply false. */
export function verifies(content: SignedContent, key: Buffer, signature: string): boolean {
  const expected = Buffer.from(sign(content, key));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

const SECRET_PREFIX = 'whsec_';

/** `whsec_` + base64 of the key. */
export function secretFromKey(key: Buffer): string {
  return SECRET_PREFIX + key.toString('base64');
}

/** Key bytes of a secret; null when it is not `whsec_` + base64 of 24 to 64 bytes (the range the specification allows). */
export function keyFromSecret(secret: string): Buffer | null {
  if (!secret.startsWith(SECRET_PREFIX)) return null;
  const encoded = secret.slice(SECRET_PREFIX.length);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null;
  const key = Buffer.from(encoded, 'base64');
  return key.length >= 24 && key.length <= 64 ? key : null;
}

function sign({ id, timestamp, body }: SignedContent, key: Buffer): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}
