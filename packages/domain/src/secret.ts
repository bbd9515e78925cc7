import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { isStorableText } from './names.ts';

/** A secret as what is stored of it: its text, and which of the three kinds it is. */
export type SecretKind =
  /** `whsec_` + base64 of 24 to 64 bytes: fits every profile. */
  | 'whsec'
  /** Any other text: fits the profiles whose key is the text itself. */
  | 'text'
  /** `whsk_` + base64 of seed and public key. Made by us only; fits the profiles that can carry `v1a`. */
  | 'ed25519';

/** A secret opened and decoded, ready to sign with. */
export type SigningKey =
  | {
      kind: 'hmac';
      /** The secret's text as bytes, prefix and all. */
      text: Buffer;
      /** What the text says in base64 after `whsec_`; the text itself where it is of another form. */
      bytes: Buffer;
    }
  | { kind: 'ed25519'; privateKey: KeyObject };

/** Newest first. Several are valid while a secret is being rotated; none: nothing is signed. */
export type SigningKeys = readonly SigningKey[];

export const SECRET_CHARS = 512;

const SECRET_PREFIX = 'whsec_';
const PRIVATE_PREFIX = 'whsk_';
const PUBLIC_PREFIX = 'whpk_';

/** The kind of a secret that somebody supplies; null when it cannot be one. Private keys are made by us only. */
export function kindOfSecret(text: string): Exclude<SecretKind, 'ed25519'> | null {
  if (keyFromSecret(text) !== null) return 'whsec';
  const isText = text.length > 0 && text.length <= SECRET_CHARS && isStorableText(text);
  return isText && !text.startsWith(PRIVATE_PREFIX) && !text.startsWith(PUBLIC_PREFIX) ? 'text' : null;
}

/** The last four characters, to tell secrets apart; nothing of one so short that they would give it away. */
export function hintOf(secret: string): string {
  const characters = [...secret];
  return characters.length < 16 ? '' : characters.slice(-4).join('');
}

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

/** The pair of texts that a seed of 32 bytes stands for, in the layout of Svix. The specification fixes none. */
export function ed25519Pair(seed: Buffer): { secret: string; publicKey: string } {
  // The last 32 bytes of what DER wraps around an ed25519 key are the key.
  const point = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    secret: PRIVATE_PREFIX + Buffer.concat([seed, point]).toString('base64'),
    publicKey: PUBLIC_PREFIX + point.toString('base64'),
  };
}

/** Decodes a stored secret. The texts of kind `ed25519` are those of {@link ed25519Pair}. */
export function signingKey(kind: SecretKind, secret: string): SigningKey {
  if (kind === 'ed25519') {
    const seed = Buffer.from(secret.slice(PRIVATE_PREFIX.length), 'base64').subarray(0, 32);
    return { kind, privateKey: privateKeyOf(seed) };
  }
  const text = Buffer.from(secret);
  return { kind: 'hmac', text, bytes: keyFromSecret(secret) ?? text };
}

const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

function privateKeyOf(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}
