import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key as it is shown once, and what is stored of it. */
export interface MintedKey {
  text: string;
  hash: Buffer;
  hint: string;
}

const KEY_PREFIX = 'hl_';
const KEY_FORM = /^hl_[A-Za-z0-9_-]{43}$/;
const LONGEST_KEY = 256;

/** 256 random bits: the hash needs neither salt nor stretching. */
export function mintKey(): MintedKey {
  const text = KEY_PREFIX + randomBytes(32).toString('base64url');
  return { text, hash: hashKey(text), hint: text.slice(-4) };
}

export function hashKey(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** False saves a look into the store: nothing of another form was ever minted. */
export function isMintedForm(text: string): boolean {
  return KEY_FORM.test(text);
}

/** Hashes are of equal length, so that the comparison takes the same time for every key. */
export function equalHashes(one: Buffer, other: Buffer): boolean {
  return timingSafeEqual(one, other);
}

/** The key in an `Authorization` header: `Bearer <key>`, `token <key>`, or Basic with the key as user name. */
export function keyFromHeader(header: string | undefined): string | null {
  if (header === undefined) return null;
  const space = header.indexOf(' ');
  const rest = header.slice(space + 1).trim();
  switch (header.slice(0, space).toLowerCase()) {
    case 'bearer':
    case 'token':
      return presentable(rest);
    case 'basic':
      return presentable(userNameOf(rest));
    default:
      return null;
  }
}

function userNameOf(encoded: string): string {
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  return colon < 0 ? text : text.slice(0, colon);
}

function presentable(key: string): string | null {
  return key !== '' && key.length <= LONGEST_KEY ? key : null;
}
