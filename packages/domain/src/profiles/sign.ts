import { createHmac } from 'node:crypto';
import type { SigningKeys } from '../secret.ts';

export interface Hmac {
  algorithm: 'sha1' | 'sha256';
  encoding: 'hex' | 'base64';
}

/** HMAC of the parts one after another. */
export function hmac({ algorithm, encoding }: Hmac, key: Buffer, parts: ReadonlyArray<string | Buffer>): string {
  const digest = createHmac(algorithm, key);
  for (const part of parts) digest.update(part);
  return digest.digest(encoding);
}

/**
 * The key for a header that has room for one signature; null when there is none. While a secret is being rotated the
 * valid ones take turns: the first attempt is signed with the oldest, which the receiver surely has, a retry with the
 * next one, so that a receiver that holds any of them accepts within so many attempts.
 */
export function keyInTurn(keys: SigningKeys, attempt: number): Buffer | null {
  const texts = keys.flatMap((key) => (key.kind === 'hmac' ? [key.text] : []));
  return texts[texts.length - 1 - ((attempt - 1) % texts.length)] ?? null;
}
